"""Runs the classifier: `python -m aanwezig.classifier`."""

from aanwezig.chassis.service import run
from aanwezig.classifier.app import build

run(build)
