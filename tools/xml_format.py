"""Checks the format of XML files, or corrects it with --fix.

The format is that of prettier with @prettier/plugin-xml, with the options of
.prettierrc.yml, but needs nothing besides Python.
"""

import argparse
import difflib
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from xml_layout import (
    HARDLINE,
    LINE,
    LITERALLINE,
    SOFTLINE,
    Fill,
    Group,
    Indent,
    Printer,
    join,
)

OPTIONS = Path(__file__).parent.parent / ".prettierrc.yml"
IGNORE_START = "<!-- prettier-ignore-start -->"
IGNORE_END = "<!-- prettier-ignore-end -->"
TOKENS = re.compile(
    r"(?P<comment><!--.*?-->)"
    r"|(?P<cdata><!\[CDATA\[.*?\]\]>)"
    r"|(?P<doctype><!DOCTYPE[^>\[]*>)"
    r"|(?P<reference>&[^;\s]+;)"
    r"|(?P<space>[ \t\r\n]+)"
    r"|(?P<instruction><\?.*?\?>)"
    r"|(?P<end></\s*(?P<end_name>[^\s>]+)\s*>)"
    r"|(?P<start><(?P<name>[^\s/>!?]+)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)"
    r"(?P<empty>/?)>)"
    r"|(?P<text>[^<&]+)",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r"([^\s=]+)\s*=\s*(\"[^\"]*\"|'[^']*')")


class FormatError(Exception):
    pass


@dataclass
class Node:
    kind: str
    text: str
    start: int
    end: int
    name: str = ""
    attributes: list = field(default_factory=list)
    children: list = field(default_factory=list)

    @property
    def preserved(self):
        """Blanks inside belong to the content."""
        return (
            self.name == "xsl:text"
            or ("xml:space", "preserve") in [(k, v[1:-1]) for k, v in self.attributes]
            or any(child.kind == "cdata" for child in self.children)
            or ignored_ranges(self.children)
        )


def ignored_ranges(nodes):
    ranges, start = [], None
    for node in nodes:
        if node.kind == "comment" and node.text == IGNORE_START:
            start = node
        elif node.kind == "comment" and node.text == IGNORE_END and start:
            ranges.append((start.start, node.end))
            start = None
    return ranges


def parse(source):
    """The root: a node whose children are what stands in the document."""
    expat.ParserCreate().Parse(source.encode(), True)
    root = Node("root", "", 0, len(source))
    stack = [root]
    position = 0
    while position < len(source):
        match = TOKENS.match(source, position)
        if not match:
            raise FormatError(f"line {line_of(source, position)}: can't be read")
        kind = match.lastgroup
        for name in ("comment", "cdata", "doctype", "reference", "space"):
            if match[name] is not None:
                kind = name
        for name in ("instruction", "end", "start", "text"):
            if match[name] is not None:
                kind = name
        position = match.end()
        if kind == "end":
            node = stack.pop()
            node.end = position
            continue
        node = Node(kind, match[0], match.start(), position)
        stack[-1].children.append(node)
        if kind == "start":
            node.name = match["name"]
            node.attributes = ATTRIBUTE.findall(match["attributes"])
            if not match["empty"]:
                stack.append(node)
    return root


def line_of(source, position):
    return source.count("\n", 0, position) + 1


def literal_lines(text):
    return join(LITERALLINE, text.split("\n"))


class Formatter:
    def __init__(self, source, sensitivity):
        self.source = source
        self.sensitivity = sensitivity

    def document(self):
        parts = [
            self.node(node)
            for node in parse(self.source).children
            if node.kind != "space"
        ]
        return [join(HARDLINE, parts), HARDLINE]

    def node(self, node):
        if node.kind == "start":
            return self.element(node)
        if node.kind == "instruction" and node.text.startswith("<?xml "):
            attributes = [f"{k}={v}" for k, v in ATTRIBUTE.findall(node.text)]
            return Group(
                ["<?xml ", Indent([SOFTLINE, join(LINE, attributes)]), LINE, "?>"]
            )
        if node.kind in ("text", "space"):
            return literal_lines(node.text)
        return node.text

    def element(self, node):
        tag = ["<" + node.name]
        if node.attributes:
            attributes = [f"{key}={value}" for key, value in node.attributes]
            tag.append(Indent([LINE, join(LINE, attributes)]))
        if not node.children:
            return Group([*tag, LINE, "/>"])
        opening = Group([*tag, SOFTLINE, ">"])
        closing = f"</{node.name}>"
        if node.preserved:
            content = Indent(Group(self.unchanged(node.children)))
            return Group([opening, content, closing])
        texts = [child for child in node.children if child.kind == "text"]
        self.refuse_embedded(node, texts)
        if texts and self.sensitivity == "preserve":
            return Group([opening, [self.node(n) for n in node.children], closing])
        return self.ignoring_blanks(node, texts, [*tag, LINE, "/>"], opening, closing)

    def refuse_embedded(self, node, texts):
        """prettier would lay such code out in the manner of its own language."""
        kind = dict(node.attributes).get("type", "")
        if texts and node.name in ("script", "style") and kind.startswith('"text/'):
            raise FormatError(
                f"line {line_of(self.source, node.start)}: put the code of this"
                f" <{node.name}> into a file of its own"
            )

    def unchanged(self, nodes):
        ranges = ignored_ranges(nodes)
        parts = [
            (node.start, self.node(node))
            for node in nodes
            if not any(start <= node.start <= end for start, end in ranges)
        ]
        parts += [
            (start, literal_lines(self.source[start:end])) for start, end in ranges
        ]
        return [part for _start, part in sorted(parts, key=lambda part: part[0])]

    def ignoring_blanks(self, node, texts, empty, opening, closing):
        children = [child for child in node.children if child.kind != "space"]
        if not children:
            return Group(empty)
        if children == texts and len(texts) == 1:
            content = Indent([SOFTLINE, self.filled(texts[0])])
            return Group([opening, content, SOFTLINE, closing])
        inline = all(child.kind in ("text", "reference") for child in children)
        content = [HARDLINE]
        last_line = None
        for child in children:
            if last_line is not None:
                if line_of(self.source, child.start) - last_line >= 2:
                    content += [HARDLINE, HARDLINE]
                else:
                    content.append(" " if inline else HARDLINE)
            is_text = child.kind == "text"
            content.append(self.filled(child) if is_text else self.node(child))
            last_line = line_of(self.source, child.end - 1)
        return Group([opening, Indent(content), HARDLINE, closing])

    @staticmethod
    def filled(node):
        parts = []
        for line in node.text.strip("\t\n\r ").split("\n"):
            words = re.split(r"\b +\b", line, flags=re.ASCII)
            parts.append(Fill(join(LINE, words)))
        return Group(join(LITERALLINE, parts))


def read_options():
    options = {}
    for line in OPTIONS.read_text().splitlines():
        match = re.fullmatch(r"(\w+): *([^#]+?)", line)
        if match:
            options[match[1]] = match[2]
    return options


def format_xml(source, options):
    document = Formatter(source, options["xmlWhitespaceSensitivity"]).document()
    return Printer(int(options["printWidth"]), int(options["tabWidth"])).print(document)


def xml_files(paths):
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(path.rglob("*.xml"))
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true", help="correct the files")
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    options = read_options()
    failed = False
    for path in xml_files(args.paths):
        source = path.read_text(encoding="utf-8")
        try:
            result = format_xml(source, options)
        except (FormatError, expat.ExpatError) as error:
            print(f"{path}: {error}")
            failed = True
            continue
        if result == source:
            continue
        if args.fix:
            path.write_text(result, encoding="utf-8")
            print(f"{path}: corrected")
        else:
            failed = True
            sys.stdout.writelines(
                difflib.unified_diff(
                    source.splitlines(keepends=True),
                    result.splitlines(keepends=True),
                    str(path),
                    "as it should be (./test --fix)",
                    n=1,
                )
            )
    sys.exit(failed)


if __name__ == "__main__":
    main()
