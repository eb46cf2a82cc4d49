"""PDFs that are encrypted in each way there is, made by pypdf 6: each asks for a password, or opens without.

Those that open have a password for their owner alone, which keeps printing and copying from everybody else.
"""

import zlib
from base64 import b64decode
from typing import Final

_PACKED: Final = {
    "RC4-40 asks": (
        "eNqNUctuFDEQvPsrfNkj8fsljfZAkpUQoKwmgQvKwXa3l0WrmWh2Vkr4SQ78AfwIngHCiOWAZUtWdVW5Xb3aXm1eiAtFVt++"
        "f/lKBOW0T59I0xC2HXo4ZRxow3OIWKITbk3Wa4IdTBy54N49PSBl27jDI2GX/akbqSDs9R6O9APVldjS+4VUnUkv4xgP/Y78"
        "9KCTd7sQ6H++RViLx/405KqolUpnbxH28WX/WJ/lF3w+Tk77frIesDb2t7dZeL+f2m6pJOwNdrvxI9W86qiWQQfrZKiFzf4w"
        "1lDY7Rg7iAMQdkObIAvyorXREXQOVmsbVFEqc5eT0cV4BxkFSusrM2DGaAV3UWCxigPUzt/RRkYjIOUYhJU+JoFCO+UTJG8A"
        "QpI+JSGyshy90F7KAkIG4XlIJggDcjmdxwEL4dQS/ryoNUYZWugzJurf50r3BzPhDBPCn2PWnWFyqR2HuD/gMMd6u/+MtRXW"
        "9v1I1Zw/e9WVnopf96s6r0Y5FwN49Inz7DK6yIMDCTmAKRDj+n8odc7XXR6eHkZqfg/6OMZhnAOpeZLV6vpmQ34AfYLE0A=="
    ),
    "RC4-40 opens": (
        "eNqNUU1v00AQve+vmEuOdD9nPyQrB9pGQoAapYUL6mG9OxuCIrtyHKnlT3LgH8AfYR2gWIQD1lqy37z3ZnbeYn21eiEvNFt8"
        "+/7lK5MgoG8/saZhfD30+ZhogAaVMyIUrf2SLZeMujxx1Ix79/RAwNdxSwfGL/tjN4Jk/PUuH+ADmErcwP1Mqs+kl3GM+37L"
        "fnrA5L2ZCcw/ezG+oUN/HFJV1Eql87eUd/Fl/1jbigtxep2azv1kPVAd7G9vnHm/n8begGL8DXXb8SMYUXVgVDDBOhVqYbXb"
        "j3Up/HaMXY5DZvwGmhSUUcp6V2Iist6SdrpI0WJyWRinvUAtURVHikgLkjLZQMkYhc7Gtk7+DhqFWZfgFJacrEeRvRVeY/Sq"
        "9UFRkC261qNNOmsVLU6/KiJlWRv70M7TeRyoMAGWiecHLKJGKPCMyXr3U6X7g2E4w6T055h1Z5iaa8ch7vY0nNZ6u/tMdRS+"
        "6fsR9Gn//FVXepC/vq9qXo30rWhl0QWrUUIdEGNRVjppXA4pLv+HUnO+7tLw9DAC/g76MMZhPC2kJsEWi+ubFfsBOkbA0A=="
    ),
    "RC4-128 asks": (
        "eNqNUU1v1DAQvftXzGWP1OPvWIr2QNuVEKCutoUL6sGJx0vQKqmyXqnlT3LgH8AfwQlQIpYDViwlb957M5m32l5tXogLxVbf"
        "vn/5ygQgDM0nVteMb8chnloaodZJeO1bDG7N1mtGfZw4csG9e3og4NuwpyPjl8OpzyAYf93FI3wAXYg7uF9I1Zn0MuRwGPbs"
        "pwdM3ruFQP+zF+M7Og6nsS2KUil0/pZiF14Oj6UtXuB8nZye+8l6pDLY395m4f0eZDEFxfgb6vf5IwhZFSFoWRZgnfSlvOkO"
        "uWyF3+bQxzBGxm+gxtiYypjUGiWtsZ6cNR5tG5LVpIs86FZitOS9TZGSt4p8Y7DC5AkrVUZ/B3XQSE5JlVIKitBFHZMKKipE"
        "YUhaWTVJkyFNzlRBC6sRy7ed+CiwWsbzOFJiCJbh8wFrjDKQ4BkT5efnSv8HM/4ME6I6x6w7w+RSm8fQHWic93rbfaYyCt8N"
        "QwY1B8Bf9WkA8ev9qgRWu6bSukFUtmmiNj54RVG2qm1QCxn8+n8oJejrvh2fHjKY30kfcxjzvBDtNFutrm827AftwcKH"
    ),
    "RC4-128 opens": (
        "eNqNUctu1EAQvM9X9GWPZN4PS9YeSLISApTVJnBBObRnehajlR15vVLCT3LgD+BHGBsIFsuBkUcaV1fV9HSttlebF/JCs9W3"
        "71++MgkC+uYTq2vGt0OfTpEGqE1yTXSSUl6z9ZpRlyaOWnDvnh4I+Bb3dGT8sj91I0jGX7fpCB/AFOIO7hdSfSa9xBEP/Z79"
        "9IDJe7cQmH/exfiOjv1piEVRKoXO31Jq8WX/WK4VF2LeXk3f/WQ9UGnsb2+78H4PqpiCZvwNdfvxI0gVihCMqkzlvKpKedMe"
        "xjIVfjtil3BIjN9AbZ3LGLwm0jr6ysekm0qYnDDlIA1m1CblCnXIjpKRTRUMqegSKkSXbWn9HdRJi4ZIGkcYYozByuxl06RJ"
        "q73yKjTZkCVD3gY00hkhyr/LOaOQIizjeRwoMwGOiecFzlptIcMzJsvj50r3B7PVGSZlOMecP8PUUjsO2B5omOd6236m0grf"
        "9f0Ieg6Av+pyD/LX+aoEVicqz0lNwJSsr0y2VgqNQQfToIgW1/9DKUFfd3F4ehjB/k76OOIwzgMx3rDV6vpmw34AtZ7FgQ=="
    ),
    "AES-128 asks": (
        "eNqNUs1u2zAMvuspdMlxFfUvAUGALj/AsBUJkq2XoQdZotIMmR04ztDuJXfYG2wvMjnt0qDZYYZtkBS/j9RHDhaT2Rt+Jcng"
        "1+8fPwmnQJvqCxkOCVu0TTpEbOmQZ8WTrdBaIVziMgIqm62SXiLXOnjvnYFimxQRg0cRXVZCBMM9KB9HZDQiWKeeWZxV+Pi4"
        "Q8oWYY17wsbNoe4oJ+z9Ju3pZ6pK4pLenUHlBXQcurBt1uSJg/bcyzOA+mctwpa4bw5tLIhyUtLZDaZNeNs8lLJwBcfPiv69"
        "66lbLI295tZn3LdUFdL+9wHrdXdPuXAFSJXwyhsrvCBsttl2RUu26kKdQpsIm9MhpEo7rXPUUhhtPFqjPZgYslGoCjyoKCAZ"
        "9N7khNkbib7S4CB7BCdL65/o0EULQVa8CkmF6ATPKTqwEqJIyskgXJUValRotQuKGwVQfJNzDsDBFZbxrJeiNJeeretDdz/9"
        "1l+cTZo432HdJ91Qdj1d3YqXi5pekl7CVfd1Rp8Ieqc9OS+SPbSYCVBD4PRQo7XUNNNTjBdhjyf1Kca5vIyV4byOCcEvYvIc"
        "27Vhs8X2OLPV5juWVtiyaToqj8Nl7+rcUP5sT8oyDMt8JKiUYrQ8BC8qW5QTVgmQzketRv+TUpZoWsf2cddR/XeL9l1ou6Mg"
        "RgAZDKbzGfkDpFHpqg=="
    ),
    "AES-128 opens": (
        "eNqNUstuEzEU3fsrvMmS2tdvS1GkkoeEoEqUQDeoCz/ToDATTRzU8pMs+AP4ETxpSaOGBaOZkX18z7nX597BYjJ7A1ccDX79"
        "/vETAaa49V/QcIjIomvjIaQOD6nzNPusTQBvgqEMsnSSWohReOqZDxKSiAKM5cKGGGXUCSwYiBUAOkKjEUpN7JXZWYaPj7uE"
        "ycKt0x6RcXtoCgZE3m/iHn/GogYu8d0ZlV9Qx664bbtGTxq4116eEcQ/cyGyTPv20IXKqCc1nNykuHFv24eall7R46dZ/971"
        "0l2qhb3Wlmfat1hU0f73ITXrco+BmUrEgllhlWaWITLbbEv1kqyKa6LrIiJzPJRKZWc0T4nzoK0OkXtLRY4uZgPCZcdFzNZx"
        "k1Wq/nprRGJBRcecU1nW0j/hYbaZuiwTcAg6Mpc1B09F9DFqzWNmxmeRZBJJS+MEKEFp3aucs6NATVUZz3oranHxeXV9KPfT"
        "b/3FyaQN811q+qAbTK6nq1v2clHVW9JbuCpfZ/hJoN90p82LZQ9dyohihejpwUpKLnHGJwyqsceT5oQB8EusNuc1xhhcYPyc"
        "Wzq32abu2LPV5nuqpZBl2xbMj80l75rcYnheT+owDCV4x6Qydbq1SkIb4XxiMoChloLgo/8JqUM0bUL3uCtY/p2ifXFdORqi"
        "GEWDwXQ+Q38ApDPrbw=="
    ),
    "AES-256-R5 asks": (
        "eNqNU0tuHDcQ3fcpuNEybrL4KRIYCHCkGSBIDAlS4k3gBVkfeQJ5Wmi1AjuXzCI3SC4S9thRBlYWabAJsj6vWK+qzq4vd9+4"
        "V344+/Ov3/8YnLFmar8Mm80wXs8TP5HMZkNimZSRnQdKhBCIIZMTLxqjxZDUQdKALWvGJpF8Fa9UKaJNkc+H8/NBDrwiw0mE"
        "Hz89iBmv6508DuPF9HRYjBvG7/f8aH42oRvemHcnrv6F60Vd6v10N3zGMCv2zYlD+M9Yw3gjj9PTTN2ja7r5+EZ4X7+dPvaw"
        "9pU9/gjrerdCz9If9jV2PMF+a2IHXbcf5HC3vDcQU3c0AUooCaHAMO7290vncrxd6oHrzMN4ZTbaOQSHii6GFjxTVGcTWQgu"
        "UyeZO5OpsfpQbEqBgwTLGmIAqRCrJpSivquyJBtRUskWOZA6Fs2x9dR+MpuqZa0CN1dVamNbLQI6tS46YUohxGQLYGHogTAp"
        "awpIVqLGEiA3bJ6UGoOt3ChDFceEHooV52PuUS52K5U9Of5yev20vN/+uhI3Xk509SCH1eiNGV9vb9/6Z6I8rJSuJbhdPuzM"
        "Z4D1Mv97udqajSADAnnkmgqUJJBiFhJOGKRFEkyUtMTinU8SKvf8Sw6poatY6pGIDuMaJe9K0KzV55oIrCpQgBqzYiPfq9X6"
        "1jJICACanJPKOUVrpSJ0mGuZP/S+cV5Ln4RswccGJLUTi76E6IsFRH/a8h9n0cGaNNjnz6QYfTRqnmWuN9RRc3iWOedfynpT"
        "fi0DcC9k/tR3mev+XuZjr97uf5P+lPFmmhbjj009fnfQybgv58s+BJvqkD0Rhuylc9gTQ2lQi2ekmlTP/49JH57tgeZPD4uJ"
        "/0zP41Ln5UhITnk4O9te7Ya/AWoTMCo="
    ),
    "AES-256-R5 opens": (
        "eNqNU8FuHDcMvc9X6OJjM5JIURKwMJDau0DRBjbsNpciB0qUnC2cHWM8LpL+ZA/9g/ZHytmk7iLuoYOZgUSRj+Lj49n15e4b"
        "9wqGsz//+v2PwRlrpvLLsNkM4/U8yVNts9lIdYlL9C5QiLXXnGtpxVnwMWeXrZAFCLZI0q1gZnYOCGsOrVaXw/lwfj60g6zI"
        "/iTDj58emhmv+a49DuPF9HRYjBvG7/fyaH42qI435t1JKLwIveCF76e74TOGWbFvTgLwP3MN4017nJ7mqhF6ou7jmyZ7/nb6"
        "qGntK3v8ol/fdyv03PRiX2OHE+y3Jijo+vuhHe6W98YH0kCDPmOm6LMfxt3+flEux9uFD8KzDOOV2VCu5FKpREhRoGek2ogr"
        "5LY+tVaMgtYHzDWxFxBniT0JcHUFXOzUmvaDksUqzBQxAPmIJUaGxFraT2ZjG/ci0gJIhZIYKEfklDu0EiV2WwOmFKlEF7Rl"
        "gSxSTj5XAMwhWXF6NazOekgkNpBCgNhCDQNaiZrlYrdSqcXJl9Xrp+X99teVuPFyqlcP7bA6vTHj6+3tW3gmCvxK6dqC2+XD"
        "znwGWDfzv5urrdmEHKlyiE46gxBG10vuNhcqNWNT3TW0pQXvM4Fg6lpq1AJjcpYB00rECtM9UM2OewrQCTFFUSeVcu/ImIJ1"
        "TQqqlkVpTsqH9NhrECqluZgV5rrNH1Q3UV0TBdb2kdfmsTo3BMvM0VeHp5L/OLc+WEODfX4MhQDBdPNscyqo48nh2aZD9NKm"
        "ovza5r17YYPT2GXm/X2bj1q93f/W9CrjzTQtBo6iHr879Mm4L+tLHYINtawVWZuDTrEIYAGvo0wMoUB3fP5/XHR4toc6f3pY"
        "TPhneh4XnpcjIYnScHa2vdoNfwPpPCwb"
    ),
    "AES-256 asks": (
        "eNqNk89u3DYQxu96Cl58bMQZcvgHWBhI7V2gaAMbdptLkcOQnHG2cFaGLBdJX7KHvkH7IqU2qbuIe6ggQdRw5hvxx49n15e7"
        "b+CVG87+/Ov3PwYw1kzll2GzGcbreWpPVWazcUQ2FFDnoqMkWrwwhUYtSBKoyEkIAycWQWZfQyS0vtnS8yMznQ/n54Mc2qqM"
        "Jx1+/PQgZrzmO3kcxovp6bAYGMbv9+3R/Gx8T7wx705K3YvSC174frobPmuYVfvmpMD/Z69hvJHH6WmuvaLP9PTxjbQ9fzt9"
        "7G3tK3t8Iq73u1V6lv5jX2vTifZbQ13UhGH8QQ53y3uD1MfXxmP2OUTMOIy7/f3SWY63Cx8az20Yr8wmI6uzWrHkALUyK0dW"
        "yhQr5SKFG2UOqSEqeG4g5JILkEBTFUqEmorzJedEIdkWoDTfimSwLlLWDn78yWwwtlzF+9b3B7QmSYi5aLbqYknekVJTRGuj"
        "SCpFWnMxUW0hFEXBgtSKSut7DuKRUvKlCtuIFSug1d7lYrei7ItrX0avn5b3219XcOPlVK8e5LAmvTHj6+3tW/cMyuGKdN2C"
        "2+XDznwWWD/mfz+utmbDfcWaY9Tsg3Jv71MH5qP1qsKFanBVU0afCzRHSB0jIoC3iTO5uILoMiApWknUIIbOvWmMvqNl0dzA"
        "Z0uRxNdSYF0yR6sKAbSLBJeyb77LXMv8ofsmZXUVoYOXxj7DEUYAAuVKUuup5T/OooPt9rDPlwlEjoya5xh0Qx1nDs8xAPcy"
        "1k35dawv9EXMndYuM+/vZT569Xb/m6xOvZmmxbijqcfvDjoZ+DK+7Idg45MTQGRpWaFaAV9d9xV6jNrf7vz/pPTDsz3U+dPD"
        "Yuif0/O48LwcgaSQhrOz7dVu+BvIBzB5"
    ),
    "AES-256 opens": (
        "eNqNU81uFDEMvs9T5NIjTP5/pFWl0u5KCFBXLXBBHBzbaReVnWo6RcBLcuAN4EXwbKEslANRIsWO/Tn+8uVgfbJ6ZB677uDb"
        "9y9fO6O0Guq7brHo+vU40C3yqBZEzlYmItSM1TNhDqmm1qyv2lIMFLzOOVWttQ+eoubsfKw2aA2szWF3eNjxlmZku1fh5adr"
        "Vv0aLvim64+H2+2kTNc/29CNeqO8BJ6pt3up7kHqMUxwNVx0dxhqxj7bS/D/rNX1Z3wz3I4oGXIi4f0Lpg08GT5KWf1Y71ay"
        "83w7Q48sF/sbO+xhv1ZBQFXs+ue8vZgulQ2yXytviy8x2WK7frW5moTL/nyCLcFIXX+qFgU1BmAqaBNXNA2M9lxsc8gpyrDO"
        "eUhAgC1zTrEVicAcU/bNaKqJsbAtmIrHZtgjoakgr6C1ay1La6/UAr114IBd1ACetWOyppYY2YCUJQ7Nh5itTqGgs8S+QgBr"
        "0Noq1+FSag22JrAJdDUhE5tcOGFJsbjIUuV4NVMpzdHP3dHtdLn8MBPXnwx4es3bOeiF6o+W56/dPVHOzpTOT3A+vV+pO4DZ"
        "GH8bp0u10LpwE72h9tmb0JIupjnCGFs14FP0gFaMhoFzczbZLG0Wg2hZZpmJEBgqIIRRs7oETaWVzA1N0lixxloLQSsFW0sY"
        "GljrbCQTQWd2viXKUWDWPL4X3RhwjipkI/L3M1PGOeMwy0tGpvCH5D+O3Dot8tD3Q8UQXFBN3fuMCGp3sr33GeMe+kSUf/uk"
        "+AOf28+dRthc8bjT6vnmM89KPRuGSbmdqPun2zYo83N/Ip9gwQARIInoLDUIuYg4oVCJQgma2A7/J0Q+z3KL46frSYVfv+dm"
        "gnHaEZJj7g4Olqer7geOJjJ8"
    ),
}


def encrypted_pdf(way: str) -> bytes:
    """Return the PDF of one of `WAYS`."""
    return zlib.decompress(b64decode(_PACKED[way]))


WAYS: Final = tuple(_PACKED)
