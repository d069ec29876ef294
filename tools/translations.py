"""Checks an addon's translations, or brings them up to date.

Usage: translations.py check|write ADDON_FOLDER FRESH_TEMPLATE
"""

import re
import sys
from pathlib import Path

import polib

LANGUAGE = "zh_CN"
PLACEHOLDER = re.compile(
    r"%(?:\(\w+\))?[-+#0]*\d*(?:\.\d+)?[sdifrgx]"  # %s, %(name)s
    r"|%%"
    r"|\{\w*(?:[.\[!:][^{}]*)?\}"  # {}, {name}
    r"|</?[a-zA-Z][\w-]*"  # tags, whose attributes may be translated
)
HEADER_NOISE = ("POT-Creation-Date", "PO-Revision-Date")


def terms(catalog):
    """Messages with where they are used, independent of their order."""
    result = {}
    for entry in catalog:
        if not entry.obsolete:
            places = {name for name, _line in entry.occurrences}
            result[entry.msgctxt, entry.msgid] = places
    return result


def shown(key):
    text = key[1].replace("\n", "\\n")
    return f'"{text[:100]}{"…" if len(text) > 100 else ""}"'


def check_template(stored_path, fresh):
    if not stored_path.exists():
        return [f"{stored_path.name} is missing"]
    stored, fresh = terms(polib.pofile(str(stored_path))), terms(fresh)
    problems = [f"{shown(key)} is missing" for key in fresh if key not in stored]
    problems += [
        f"{shown(key)} is no longer used" for key in stored if key not in fresh
    ]
    problems += [
        f"{shown(key)} is used elsewhere now"
        for key in fresh
        if key in stored and fresh[key] != stored[key]
    ]
    return [f"{stored_path.name}: {problem}" for problem in problems]


def check_translation(path, fresh):
    if not path.exists():
        return [f"{path.name} is missing"]
    catalog = polib.pofile(str(path), check_for_duplicates=False)
    entries, problems, seen = {}, [], set()
    for entry in catalog:
        key = entry.msgctxt, entry.msgid
        if key in seen:
            problems.append(f"{shown(key)} stands there twice")
        seen.add(key)
        if entry.obsolete:
            problems.append(f"{shown(key)} is obsolete")
        else:
            entries[key] = entry
    wanted = terms(fresh)
    problems += [f"{shown(key)} is missing" for key in wanted if key not in entries]
    for key, entry in entries.items():
        if key not in wanted:
            problems.append(f"{shown(key)} is no longer used")
        elif entry.fuzzy:
            problems.append(f"{shown(key)} is marked fuzzy")
        elif not entry.msgstr.strip():
            problems.append(f"{shown(key)} is not translated")
        elif sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(
            PLACEHOLDER.findall(entry.msgstr)
        ):
            problems.append(f"{shown(key)} has other placeholders: {entry.msgstr}")
    return [f"{path.name}: {problem}" for problem in problems]


def merge(path, fresh):
    """The fresh terms with what was translated before; nothing else is kept."""
    known = {}
    metadata = {}
    if path.exists():
        old = polib.pofile(str(path))
        metadata = old.metadata
        known = {
            (entry.msgctxt, entry.msgid): entry.msgstr
            for entry in old
            if not entry.obsolete and not entry.fuzzy
        }
    merged = polib.POFile(wrapwidth=78)
    merged.header = fresh.header
    merged.metadata = {**fresh.metadata, **metadata, "Language": LANGUAGE}
    merged.metadata["Plural-Forms"] = "nplurals=1; plural=0;"
    merged.metadata["Content-Transfer-Encoding"] = "8bit"
    for name in HEADER_NOISE:
        merged.metadata.pop(name, None)
    empty = 0
    for entry in fresh:
        entry.msgstr = known.get((entry.msgctxt, entry.msgid), "")
        empty += not entry.msgstr
        merged.append(entry)
    merged.save(str(path))
    return empty


def write_template(path, fresh):
    for name in HEADER_NOISE:
        fresh.metadata.pop(name, None)
    fresh.wrapwidth = 78
    fresh.save(str(path))


def main():
    action, addon, fresh_path = sys.argv[1:]
    folder = Path(addon) / "i18n"
    template = folder / f"{Path(addon).name}.pot"
    translation = folder / f"{LANGUAGE}.po"
    fresh = polib.pofile(fresh_path)
    if action == "write":
        folder.mkdir(exist_ok=True)
        write_template(template, fresh)
        empty = merge(translation, fresh)
        print(
            f"{template.name} and {translation.name}: {len(fresh)} terms, {empty} empty"
        )
        return
    problems = check_template(template, fresh)
    problems += check_translation(translation, fresh)
    if problems:
        print(*problems, sep="\n")
        print(f"{len(problems)} problems; ./test --i18n brings both files up to date.")
        sys.exit(1)


if __name__ == "__main__":
    main()
