"""The floor: the least a durable save can cost here. Flask, a psycopg pool, one INSERT, commit, JSON.

Run by gunicorn on the same database server as the application it is compared with:
`BENCH_URL=postgresql://… gunicorn bench.floor:app`.
"""

import os
from typing import Any

from flask import Flask, jsonify, request
from psycopg_pool import ConnectionPool

app = Flask(__name__)
pool = ConnectionPool(os.environ.get("BENCH_URL", ""), min_size=4, max_size=16, open=False)

PAGE = "<!doctype html><title>floor</title><h1>floor</h1>" + "<p>one line of a page</p>" * 100


@app.post("/save")
def save() -> Any:
    pool.open()
    event = request.get_json()["events"][0]
    with pool.connection() as connection:
        connection.execute(
            "INSERT INTO floor_answer (id, item, answer) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (event["id"], event["item"], event["answer"]),
        )
    return jsonify(held=[event["id"]])


@app.get("/page")
def page() -> Any:
    pool.open()
    with pool.connection() as connection:
        connection.execute("SELECT 1").fetchone()
    return PAGE


@app.get("/readyz")
def ready() -> Any:
    return jsonify(status="ok")
