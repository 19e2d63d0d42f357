# One line each. Everything else is `.venv/bin/moothall --help`.
.PHONY: demo test check journeys load lock
PYTHON ?= python3
export PORT RESET

demo: ; @./docker/venv demo && exec .venv/bin/moothall demo
