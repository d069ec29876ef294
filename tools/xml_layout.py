"""Lays out a document of nested groups on lines of a given width.

A group stays on one line if it fits there, else each of its line breaks is taken.
This follows the layout rules of prettier, down to how it counts characters, so that
both give the same result.
"""

import re
import unicodedata
from dataclasses import dataclass

BREAK, FLAT = "break", "flat"


@dataclass
class Group:
    content: object
    broken: bool = False


@dataclass
class Indent:
    content: object


@dataclass
class Fill:
    """Words and the breaks between them: as many on a line as fit."""

    parts: list


@dataclass(frozen=True)
class Line:
    soft: bool = False
    hard: bool = False
    literal: bool = False


LINE = Line()
SOFTLINE = Line(soft=True)
HARDLINE = Line(hard=True)
# A line break inside of text, after which no indentation is added.
LITERALLINE = Line(hard=True, literal=True)


def join(separator, documents):
    result = []
    for document in documents:
        if result:
            result.append(separator)
        result.append(document)
    return result


def text_width(text):
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "FW"
        else 1
        for character in text
    )


def propagate(document):
    """A group with an unconditional line break inside can't stay on one line."""
    if isinstance(document, list):
        return any([propagate(part) for part in document])
    if isinstance(document, Fill):
        return any([propagate(part) for part in document.parts])
    if isinstance(document, Indent):
        return propagate(document.content)
    if isinstance(document, Group):
        document.broken = propagate(document.content) or document.broken
        return document.broken
    return isinstance(document, Line) and document.hard


def fits(first, rest, width, must_be_flat=False):
    """Whether everything up to the next possible line break fits into the width."""
    stack = [first]
    rest_index = len(rest)
    while width >= 0:
        if not stack:
            if not rest_index:
                return True
            rest_index -= 1
            stack.append(rest[rest_index][1:])
            continue
        mode, document = stack.pop()
        if isinstance(document, str):
            width -= text_width(document)
        elif isinstance(document, list | Fill):
            parts = document.parts if isinstance(document, Fill) else document
            stack.extend((mode, part) for part in reversed(parts))
        elif isinstance(document, Indent):
            stack.append((mode, document.content))
        elif isinstance(document, Group):
            if must_be_flat and document.broken:
                return False
            stack.append((BREAK if document.broken else mode, document.content))
        elif mode == BREAK or document.hard:
            return True
        elif not document.soft:
            width -= 1
    return False


class Printer:
    def __init__(self, width, indentation):
        self.width = width
        self.indentation = indentation
        self.output = []
        self.position = 0
        self.stack = []
        self.remeasure = False

    def print(self, document):
        propagate(document)
        self.stack.append((0, BREAK, document))
        while self.stack:
            level, mode, document = self.stack.pop()
            if isinstance(document, str):
                self.output.append(document)
                self.position += text_width(document)
            elif isinstance(document, list):
                self.stack.extend((level, mode, part) for part in reversed(document))
            elif isinstance(document, Indent):
                self.stack.append((level + 1, mode, document.content))
            elif isinstance(document, Group):
                self.print_group(level, mode, document)
            elif isinstance(document, Fill):
                self.print_fill(level, mode, document.parts)
            else:
                self.print_line(level, mode, document)
        return "".join(self.output)

    def print_group(self, level, mode, group):
        if mode == FLAT and not self.remeasure:
            mode = BREAK if group.broken else FLAT
        else:
            self.remeasure = False
            room = self.width - self.position
            whole = not group.broken and fits((FLAT, group.content), self.stack, room)
            mode = FLAT if whole else BREAK
        self.stack.append((level, mode, group.content))

    def print_fill(self, level, mode, parts):
        if not parts:
            return
        room = self.width - self.position
        word = parts[0]
        word_mode = FLAT if fits((FLAT, word), [], room, True) else BREAK
        if len(parts) > 2:
            self.stack.append((level, mode, Fill(parts[2:])))
            pair_fits = fits((FLAT, parts[:3]), [], room, True)
            self.stack.append((level, FLAT if pair_fits else BREAK, parts[1]))
        elif len(parts) == 2:
            self.stack.append((level, word_mode, parts[1]))
        self.stack.append((level, word_mode, word))

    def print_line(self, level, mode, line):
        if mode == FLAT and not line.hard:
            if not line.soft:
                self.output.append(" ")
                self.position += 1
            return
        if mode == FLAT:
            self.remeasure = True
        if line.literal:
            self.output.append("\n")
            self.position = 0
            return
        self.trim()
        self.position = level * self.indentation
        self.output.append("\n" + " " * self.position)

    def trim(self):
        """No blanks at the end of a line."""
        while self.output:
            self.output[-1] = re.sub(r"[ \t]+$", "", self.output[-1])
            if self.output[-1]:
                return
            self.output.pop()
