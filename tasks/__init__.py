"""When things happen: the Celery wiring and the mail transport, without a rule of their own."""
