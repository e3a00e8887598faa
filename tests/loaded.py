"""What every start of the application loads, loaded; the start itself is each process's own (processes.py)."""

import gc
import importlib

from sqlalchemy import orm

import config
from lms import i18n

for name in ("flask.cli", "gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "lms.app"):
    importlib.import_module(name)
for feature in config.FEATURES:
    importlib.import_module(f"{feature}.wiring")
orm.configure_mappers()
for language in i18n.LANGUAGES:
    i18n.catalogue(language)
# What is here from the beginning is never looked through again, so that a child does not copy it page by page.
gc.collect()
gc.freeze()
