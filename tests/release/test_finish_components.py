"""Components of one repository are finished one by one, each under its own tag."""

from __future__ import annotations

from tests.release.finishing import approve, finish, merge
from tests.release.site import Site
from tests.release.test_components import of


def test_two_components_are_finished_in_their_turns_and_leave_each_other_alone(site: Site) -> None:
    files = {"packages/core/package.json": '{"version": "1.0.0"}\n', "packages/app/package.json": '{"version": "2.0.0"}\n'}
    site.push("chore: begin with two parts", files)
    site.tag("core-v1.0.0")
    site.tag("app/v2.0.0")
    site.push("feat: parse twice as fast", {"packages/core/parse.py": "1\n"})
    site.push("fix: show an empty page", {"packages/app/page.py": "1\n"})
    core, app = of(site, "core"), of(site, "app")
    assert finish(core).operation == "none"
    for number, (component, tag) in enumerate(((core, "core-v1.1.0"), (app, "app/v2.0.1")), start=1):
        assert component.run().operation == "created"
        approve(component, number=number)
        merge(component, "squash", number=number)
        assert finish(component).tag == tag
        site.work.git("fetch", "--quiet", "--tags", "origin")
    assert finish(core).operation == "unchanged"
    assert [(release.tag, release.latest) for release in site.github.releases()] == [("core-v1.1.0", "legacy"), ("app/v2.0.1", "legacy")]
    assert '"version": "2.0.1"' in site.show("app/v2.0.1:packages/app/package.json")
