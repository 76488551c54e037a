.PHONY: demo serve test test-fast lint bench

demo:
	@python3 run.py demo

serve:
	@python3 run.py serve

test:
	@python3 run.py test

test-fast:
	@python3 run.py test-fast

lint:
	@python3 run.py lint

bench:
	@python3 run.py bench
