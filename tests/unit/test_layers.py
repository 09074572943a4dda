"""Holds the include graph and meson's dependencies to the diagram in src/README.md."""

import re
import unittest

from source_tree import ROOT, SRC, code_of, cpp_files, found, includes_of, shown

DIAGRAM = re.compile(r"^```layers\n(.*?)^```", re.MULTILINE | re.DOTALL)
EDGE = re.compile(r"^(?P<layer>\S+) +(?P<pure>\[pure\] +)?→ *(?P<layers>[^|]*)(?:\| *(?P<libraries>.*))?$")

# What would let a pure layer reach a socket, a clock, the log, the environment or chance.
IMPURE_HEADERS = re.compile(
    r"<(boost/(asio|beast)\b.*|spdlog/.*|prometheus/.*|sys/.*|netinet/.*|arpa/.*|netdb\.h|unistd\.h|fcntl\.h|poll\.h"
    r"|iostream|fstream|filesystem|cstdio|stdio\.h|thread|mutex|condition_variable|future|random|openssl/(ssl|rand|bio)\.h)>"
)
IMPURE_CALLS = re.compile(
    r"\b(getenv|secure_getenv|setenv|random_device|RAND_bytes|clock_gettime|gettimeofday|fopen|printf|fprintf|sleep_for"
    r"|sleep_until)\b|::now *\(|\bstd::(time|cout|cerr|clog|cin)\b|\btime *\( *(nullptr|NULL|0)"
)
IMPURE_LIBRARIES = {"asio", "spdlog", "prometheus", "cli11"}
# std::snprintf formats into memory; the header that has it has much else.
HEADERS_WITH_A_PURE_PART = {"<cstdio>"}


class Layer:
    def __init__(self, match):
        self.name = match["layer"]
        self.pure = match["pure"] is not None
        self.layers = set((match["layers"] or "").replace(",", " ").split())
        self.libraries = set((match["libraries"] or "").replace(",", " ").split())


def diagram():
    text = (SRC / "README.md").read_text()
    blocks = DIAGRAM.findall(text)
    assert len(blocks) == 1, "src/README.md has one block that begins with ```layers"
    layers = {}
    for line in filter(str.strip, blocks[0].splitlines()):
        match = EDGE.match(line)
        assert match, f"src/README.md: not `layer [pure] → layers | libraries`: {line!r}"
        assert match["layer"] not in layers, f"src/README.md: {match['layer']} stands twice"
        layers[match["layer"]] = Layer(match)
    return layers


LAYERS = diagram()


def layer_of(path):
    """The layer of a path below src: the longest layer name that is one of its folders."""
    folders = [str(folder) for folder in path.parents]
    return max((name for name in LAYERS if name in folders), key=len, default=None)


def sources():
    """(path, layer, text) of each file of a layer. main.cpp is the layer `main`; the library that
    compiles Boost's own sources is no layer."""
    for path in cpp_files("src"):
        relative = path.relative_to(SRC)
        if relative.parts[0] != "boost":
            layer = "main" if relative.name == "main.cpp" else layer_of(relative)
            yield path, layer, path.read_text()


def meson_list(path, name):
    """The names in the first `name = [a, b]` or `dependencies: [a, b]` of a meson.build."""
    match = re.search(rf"^ *(?:{name}|dependencies) *[=:] *\[(.*?)\]", (ROOT / path).read_text(), re.MULTILINE | re.DOTALL)
    assert match, f"{path} has no {name} = [...]"
    return {word for word in re.split(r"[\s,]+", match[1]) if word}


def meson_dependencies(layer):
    """(layers, libraries) that the build gives a layer."""
    if layer == "main":
        names = meson_list("meson.build", "dependencies")
    else:
        names = meson_list(f"src/{layer}/meson.build", layer.replace("/", "_") + "_deps")
    own = {name.replace("/", "_") + "_dep": name for name in LAYERS}
    return {own[name] for name in names if name in own}, {name for name in names if name not in own}


class Layers(unittest.TestCase):
    maxDiff = None

    def test_every_file_is_in_a_layer_of_the_diagram(self):
        strays = [shown(path) for path, layer, _ in sources() if layer is None]
        self.assertEqual(strays, [], "in no layer of src/README.md")

    def test_the_diagram_names_only_layers_that_exist(self):
        folders = {name for name in LAYERS if name != "main"}
        self.assertEqual([name for name in sorted(folders) if not (SRC / name / "meson.build").exists()], [])
        strangers = {name: layer.layers - LAYERS.keys() for name, layer in LAYERS.items()}
        self.assertEqual({name: names for name, names in strangers.items() if names}, {})

    def test_includes_follow_the_diagram(self):
        wrong = []
        for path, layer, text in sources():
            for line, header in includes_of(text):
                if header.startswith("<"):
                    continue
                target = layer_of((SRC / header).relative_to(SRC))
                if not (SRC / header).exists():
                    wrong.append(f"{shown(path)}:{line}: {header} is not a path from src")
                elif target != layer and target not in LAYERS[layer].layers:
                    wrong.append(f"{shown(path)}:{line}: {layer} may not include {target} ({header})")
        self.assertEqual(wrong, [])

    def test_meson_agrees_with_the_diagram(self):
        drawn = {name: (sorted(layer.layers), sorted(layer.libraries)) for name, layer in LAYERS.items()}
        built = {name: tuple(map(sorted, meson_dependencies(name))) for name in LAYERS}
        self.assertEqual(built, drawn, "meson's (first) and src/README.md's (second)")

    def test_no_layer_reaches_itself(self):
        def reached(name, through=()):
            self.assertNotIn(name, through, f"a circle: {' → '.join([*through, name])}")
            for below in LAYERS[name].layers:
                reached(below, (*through, name))

        for name in LAYERS:
            reached(name)

    def test_pure_layers_rest_on_what_is_pure(self):
        wrong = [
            f"{name} → {below}"
            for name, layer in LAYERS.items()
            for below in layer.layers
            if layer.pure and not LAYERS[below].pure
        ]
        wrong += [f"{name} → {layer.libraries & IMPURE_LIBRARIES}" for name, layer in LAYERS.items()
                  if layer.pure and layer.libraries & IMPURE_LIBRARIES]  # fmt: skip
        self.assertEqual(wrong, [])

    def test_the_pure_layers_of_the_design_are_pure(self):
        pure = {name for name, layer in LAYERS.items() if layer.pure}
        self.assertEqual({"base", "pg/wire", "pg/fsm", "s3/proto", "codec", "normalise"} - pure, set())

    def test_pure_layers_touch_nothing_outside(self):
        wrong = []
        for path, layer, text in sources():
            if not LAYERS[layer].pure:
                continue
            for line, header in includes_of(text):
                if IMPURE_HEADERS.fullmatch(header) and header not in HEADERS_WITH_A_PURE_PART:
                    wrong.append(f"{shown(path)}:{line}: {layer} is pure, {header} is not")
            for line, call in found(IMPURE_CALLS, code_of(text)):
                wrong.append(f"{shown(path)}:{line}: {layer} is pure, {call} is not: make it an argument")
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
