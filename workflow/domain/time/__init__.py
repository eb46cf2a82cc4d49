"""Working time: due dates, ladders, forecasts, dates of rounds."""
