# The habits, one line each; everything else is `.venv/bin/moothall --help`.
# PORT, RESET and MOOTHALL_DATABASE_URL, before or after `make demo`, reach it by themselves.
.PHONY: demo test check journeys load lock

demo test check journeys load lock:
	@for p in .venv/bin/python python3.13 python3.12 python3.11 python3; do $$p -ISc '' 2>/dev/null && exec $$p -I portal/cli/bootstrap.py $@; done; \
	echo 'Python is missing. Install Python 3.11 or newer, then run `make $@` again.' >&2; exit 1
