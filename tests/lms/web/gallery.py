"""A small app without a database that shows every part of the shell, for tests and for looking at it."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

from flask import Flask, flash, g, jsonify, render_template, request
from flask_bootstrap import Bootstrap5
from flask_wtf.file import FileField
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Length

from lms import i18n
from lms.authz import Actor, Open
from lms.db import act_as, db
from lms.web import assets, errors, forms, nav, security, shell
from lms.web.nav import Item

AT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
WAYS = (
    Item("learn", "学习", "gallery", "learn", "bottom", 1, Open.EVERYONE),
    Item("cases", "病例", "blank", "case", "bottom", 2, Open.EVERYONE),
    Item("exams", "考试", "focus", "exam", "bottom", 3, Open.EVERYONE),
    Item("desk", "待审证书", "desk", "certificate", "side", 1, Open.EVERYONE, "认证"),
    Item("people", "人员", "people", "people", "side", 2, Open.EVERYONE, "机构与人员"),
    Item("account", "账号与安全", "account", "key", "account", 1, Open.EVERYONE),
)


class Everything(forms.Form):
    """One field of each kind."""

    name = forms.TextField("姓名", [InputRequired(), Length(max=20)])
    born = forms.DateField("出生日期", [InputRequired()], description="可以写 2026年11月22日")
    at = forms.MomentField("开考时间")
    note = forms.LongTextField("备注")
    kind = SelectField("专业类别", [InputRequired()], choices=forms.options([("gp", "全科医生"), ("vd", "乡村医生")]))
    level = RadioField(
        "整体评价", [InputRequired()], choices=forms.options([("1", "不合格"), ("2", "边缘"), ("3", "合格")])
    )
    skills = forms.ChoicesField("擅长技术", choices=forms.options([("a", "心电图判读"), ("b", "心肺复苏")]))
    agree = BooleanField("我已阅读并同意带教协议", [InputRequired()])
    file = FileField("名册文件", [InputRequired()])
    count = forms.WholeNumberField("人数")
    hours = forms.DecimalField("学时")


class Reason(forms.Form):
    """What a dangerous act asks for."""

    reason = forms.LongTextField("吊销原因", [InputRequired()], description="公众会看到原因类别。")


def make(actor: Actor | None = None, *, simulated: bool = True) -> Flask:
    """The app: the kernel's shell around pages that show the parts."""
    app = Flask("lms", static_folder="web/static", template_folder="web/templates", static_url_path="/static/lms")
    app.config.update(SECRET_KEY="k" * 40, BOOTSTRAP_SERVE_LOCAL=True, TESTING=True, PROPAGATE_EXCEPTIONS=False)
    Bootstrap5(app)
    i18n.install(app, "Asia/Shanghai")
    security.install(app, "http://127.0.0.1")
    assets.install(app)
    settings: Any = SimpleNamespace(simulated=simulated)
    shell.install(app, settings)
    errors.install(app)
    assert app.jinja_loader is not None
    ours = FileSystemLoader(Path(__file__).parent / "templates")
    app.jinja_loader = ChoiceLoader([app.jinja_loader, ours])  # type: ignore[misc,method-assign,assignment]
    _be(app, actor or Actor(person_id=1))
    _add_pages(app)
    assets.open_static(app)
    return app


def _be(app: Flask, actor: Actor) -> None:
    app.config["SQLALCHEMY_ENGINES"] = {"default": "sqlite://"}  # never asked anything; sessions carry the actor
    db.init_app(app)

    @app.before_request
    def identify() -> None:
        act_as(db.session, actor)
        g.actor = actor


def _add_pages(app: Flask) -> None:
    app.extensions["sent"] = []
    app.extensions["work_ends"] = Event()
    app.add_url_rule("/gallery", "gallery", _gallery, methods=["GET", "POST"])
    app.add_url_rule("/desk", "desk", lambda: render_template("desk.html", rows=_rows()))
    app.add_url_rule("/nobody", "nobody", lambda: render_template("desk.html", rows=[]))
    app.add_url_rule("/form", "form", lambda: _form(app), methods=["GET", "POST"])
    app.add_url_rule("/focus", "focus", lambda: render_template("focus.html"))
    app.add_url_rule("/verify", "verify", lambda: render_template("verify.html"))
    app.add_url_rule("/job.json", "job", lambda: _job(app))
    app.add_url_rule("/fault", "fault", lambda: 1 // 0)
    for name in ("blank", "people", "account"):
        app.add_url_rule(f"/{name}", name, lambda: render_template("blank.html"))


def _gallery() -> str:
    flash("已签发 3 张证书。", "done")
    return render_template("gallery.html", at=AT)


def _form(app: Flask) -> str:
    form, reason = Everything(), Reason(prefix="r")
    if form.is_submitted():
        app.extensions["sent"].append(dict(request.form))
        form.validate()
    return render_template("form.html", form=form, reason=reason)


def _job(app: Flask) -> Any:
    if not app.extensions["work_ends"].is_set():
        return jsonify(state="running", done=3200, total=5000, message="正在核对第 3200 行")
    return jsonify(state="done", done=5000, total=5000, message="完成", next="/blank")


def _rows() -> list[Any]:
    given = (
        ("张三丰", "麒麟区珠街街道社区卫生服务中心（演示）", 3, "52.5", "waiting", "待审"),
        ("王秀英", "宣威市倘塘镇卫生院（演示）", 2, "41.0", "attention", "有异议"),
        ("陈静", "富源县中安街道社区卫生服务中心（演示）", 5, "96.5", "stopped", "已退回"),
    )
    keys = ("name", "place", "star", "hours", "state", "word")
    return [
        SimpleNamespace(code=f"YN-2026-{n:05d}", at=AT, **dict(zip(keys, row, strict=True)))
        for n, row in enumerate(given)
    ]


def main() -> None:
    """Look at it: `python -m tests.lms.web.gallery`."""
    nav.ITEMS.clear()
    for item in WAYS:
        nav.register(item)
    make().run(port=5078, threaded=True)


if __name__ == "__main__":
    main()
