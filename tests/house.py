"""The house from outside: `python -m tests.house` prints rooms, floors, arrows and circles.

Rooms are folders (of `bench`, and the other packages whole), floors the `layers` contracts of
pyproject.toml, arrows every import, in functions and under TYPE_CHECKING too. It ends with 1
where something goes up or round, or a folder or a module has grown too big. `--map` writes the
drawing in docs/architecture.md anew.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PACKAGES = ("bench", "diagnostics", "labels", "wipe")
LISTS_OF_EQUALS = {"bench/commands", "diagnostics/sources", "diagnostics/checks"}
MOST_MODULES, MOST_LINES = 25, 400
MAP = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- map: python -m tests.house --map -->", "<!-- end of map -->"

Arrows = Mapping[str, set[str]]


def graph() -> grimp.ImportGraph:
    """Every import of the product, with those from outside left out."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=False)


def module_arrows(built: grimp.ImportGraph) -> dict[str, set[str]]:
    return {
        module: set(built.find_modules_directly_imported_by(module)) for module in built.modules
    }


def room_of(module: str) -> str:
    """`bench.<room>.<module>` lives in `bench.<room>`; the other packages are whole."""
    parts = module.split(".")
    deep = parts[0] == "bench" and (ROOT / "bench" / (parts[1] if len(parts) > 1 else "?")).is_dir()
    return ".".join(parts[:2]) if deep else parts[0]


def room_arrows(arrows: Arrows) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for module, imported in arrows.items():
        own = found.setdefault(room_of(module), set())
        own |= {room_of(other) for other in imported} - {room_of(module)}
    return found


def circles(arrows: Arrows) -> list[list[str]]:
    """Groups in which each imports each other, whatever the way round."""
    reach: dict[str, set[str]] = {}
    for start in arrows:
        seen, todo = set[str](), list(arrows[start])
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo.extend(arrows.get(one, ()))
        reach[start] = seen
    groups = {
        tuple(sorted({start} | {one for one in seen if start in reach.get(one, ())}))
        for start, seen in reach.items()
        if start in seen
    }
    return [list(group) for group in sorted(groups)]


def floors() -> dict[str, list[list[str]]]:
    """Each package with declared floors: its rooms, highest floor first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return {
        container: [[name.strip() for name in layer.split("|")] for layer in contract["layers"]]
        for contract in settings["contracts"]
        if contract["type"] == "layers"
        for container in contract["containers"]
    }


def going_up(arrows: Arrows) -> list[str]:
    """Imports that do not go to a lower floor of the same house."""
    found = []
    for container, layers in floors().items():
        floor = {name: at for at, layer in enumerate(layers) for name in layer}
        depth = container.count(".") + 1
        for module, imported in sorted(arrows.items()):
            for other in sorted(imported):
                if not (module.startswith(container + ".") and other.startswith(container + ".")):
                    continue
                low, high = module.split(".")[depth], other.split(".")[depth]
                if low != high and floor.get(high, -1) <= floor.get(low, len(layers)):
                    found.append(f"{module} -> {other}")
    return found


def sources() -> list[Path]:
    return sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def crowded(paths: Iterable[Path]) -> dict[str, int]:
    """Folders with more modules than a person takes in, lists of equals left out."""
    count = Counter(
        path.parent.relative_to(ROOT).as_posix() for path in paths if path.name != "__init__.py"
    )
    return {
        name: n for name, n in count.items() if n > MOST_MODULES and name not in LISTS_OF_EQUALS
    }


def too_long(paths: Iterable[Path]) -> dict[str, int]:
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in paths
    }
    return {name: n for name, n in lines.items() if n > MOST_LINES}


def purpose(room: str) -> str:
    """The first line a room opens with."""
    opening = (ROOT / room.replace(".", "/") / "__init__.py").read_text("utf-8")
    return (ast.get_docstring(ast.parse(opening)) or "").partition("\n")[0]


def drawing() -> str:
    """All floors as text, highest first, each room with its purpose."""
    lines = []
    for container, layers in sorted(floors().items()):
        lines += [f"{container}/", f"    {purpose(container)}", ""]
        for layer in layers:
            for name in layer:
                path = ROOT / container.replace(".", "/") / name
                said = purpose(f"{container}.{name}") if path.is_dir() else "(a module)"
                lines.append(f"  {'|' if name != layer[0] else ' '} {name:<11} {said}")
        lines.append("")
    lines += [f"{name}/\n    {purpose(name)}\n" for name in ("diagnostics", "labels")]
    return "\n".join(lines).rstrip()


def with_map(text: str) -> str:
    """docs/architecture.md with its drawing as the contracts are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n```text\n{drawing()}\n```\n{END}{after}"


def main(arguments: list[str]) -> int:
    if arguments == ["--map"]:
        MAP.write_text(with_map(MAP.read_text("utf-8")), "utf-8")
        return 0
    arrows, paths = module_arrows(graph()), sources()
    rooms = room_arrows(arrows)
    print(drawing(), end="\n\n")
    for room, imported in sorted(rooms.items()):
        print(f"{room} -> {' '.join(sorted(imported)) or 'nothing'}")
    bad: dict[str, Collection[object]] = {
        "circles of modules": circles(arrows),
        "circles of rooms": circles(rooms),
        "arrows up": going_up(arrows),
        f"folders over {MOST_MODULES} modules": crowded(paths),
        f"modules over {MOST_LINES} lines": too_long(paths),
    }
    count = sum(len(imported) for imported in rooms.values())
    print(f"\n{len(paths)} modules, {len(rooms)} rooms, {count} arrows between rooms")
    for name, found in bad.items():
        print(f"{name}: {len(found)}", *([found] if found else ()))
    return int(any(bad.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
