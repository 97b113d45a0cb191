"""What the settings demand of the environment, and what they forbid a page to do."""

import os
import subprocess
import sys

import pytest
from django.core.cache import cache
from django.urls import reverse

from config.celery import app as celery
from config.embedded.home import ROOT
from feedback import valkey

ENVIRONMENT = {"DATABASE_URL": "postgres://nowhere", "REDIS_URL": "redis://nowhere"}
SECRET = "s" * 32


@pytest.mark.parametrize("name", ["SECRET_KEY", "HASH_KEY"])
@pytest.mark.parametrize(
    ("value", "what"), [(None, "is not set"), ("", "is not set"), ("s" * 31, "has 31 characters"), (SECRET, None)]
)
def test_a_missing_or_short_secret_stops_the_start_with_a_sentence(name, value, what):
    given = os.environ | ENVIRONMENT | {"SECRET_KEY": SECRET, "HASH_KEY": SECRET, name: value or ""}
    if value is None:
        del given[name]

    ended = subprocess.run(
        [sys.executable, "-c", "import config.settings"], cwd=ROOT, env=given, capture_output=True, text=True
    )

    make_one = 'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
    assert ended.stderr == (f"{name} {what}; it must have at least 32. {make_one}\n" if what else "")
    assert ended.returncode == (1 if what else 0)


def test_a_page_has_no_other_base_and_sends_forms_only_here(client, db):
    policy = client.get(reverse("admin:login"))["Content-Security-Policy"].split("; ")

    assert {"base-uri 'none'", "form-action 'self'", "object-src 'none'"} <= set(policy)


def test_the_cache_is_json(settings):
    caches = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}
    settings.CACHES = caches
    cache.set("figure", {"seconds": 1.5})

    [name] = [key for key in valkey.client().scan_iter() if key.endswith(b"figure")]

    assert valkey.client().get(name) == b'{"seconds":1.5}'
    assert cache.get("figure") == {"seconds": 1.5}


def test_a_search_is_found_again_in_the_cache(console):
    pages = [console.get(reverse("admin:search"), {"s": "event", "extended": "1"}).text for _ in range(2)]

    assert pages[0].count("href=") == pages[1].count("href=") > 0


def test_jobs_carry_json_alone():
    assert celery.conf.accept_content == ["json"]
    assert (celery.conf.task_serializer, celery.conf.result_serializer) == ("json", "json")
