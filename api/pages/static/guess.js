// Which place a file is probably meant for, told by its name. Pure: no page is touched here.

const MARKS = /[\u0300-\u036f]/g;
// A name in full, or a kind in full; then its last word alone, which is how people call each other.
const WHOLE = 4;
const LAST = 2;
const MISSING = 0.5;
const EACH_WORD = 0.1;

/** Return a text as it is compared: small letters without marks, words parted by one space. */
export function folded(text) {
  const plain = text.normalize("NFD").replace(MARKS, "").replace(/[đĐ]/g, "d").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, " ").trim();
}

/**
 * Return the places that fit a file's name best, and whether one alone does.
 *
 * A place has `whose`, `titles` of its kind in each language, `isList` and `isMissing`.
 */
export function guess(filename, places) {
  const words = ` ${folded(filename.replace(/\.[^.]*$/, ""))} `;
  const weighed = places.map((place) => weigh(words, place)).filter((one) => one.total > 0);
  const best = Math.max(0, ...weighed.map((one) => one.total));
  const fits = weighed.filter((one) => best - one.total < EACH_WORD / 2);
  return { fits: fits.map((one) => one.place), isCertain: fits.length === 1 && fits[0].isNamed };
}

function weigh(words, place) {
  const kind = Math.max(...place.titles.map((title) => share(words, folded(title))));
  const name = place.isList ? 0 : named(words, folded(place.whose));
  const isNamed = place.isList ? kind >= WHOLE : name > 0;
  const found = name + kind;
  return { place, isNamed, total: found > 0 ? found + (place.isMissing ? MISSING : 0) : 0 };
}

function named(words, name) {
  const parts = name.split(" ");
  if (words.includes(` ${name} `)) return WHOLE + parts.length * EACH_WORD;
  return words.includes(` ${parts[parts.length - 1]} `) ? LAST : 0;
}

function share(words, title) {
  const parts = title.split(" ");
  if (words.includes(` ${title} `)) return WHOLE + parts.length * EACH_WORD;
  const found = parts.filter((part) => words.includes(` ${part} `)).length;
  return found * 2 > parts.length ? (LAST * found) / parts.length : 0;
}
