"""Touched: which components, unowned files and gate files a change touches, and which path conditions it meets."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import field

from gate.core.change.facts import MODE_SUBMODULE, MODE_SYMLINK, ChangedFile, Facts, LookAlike
from gate.core.ownership.registry import Component, Ownership, Rule
from gate.core.ownership.resolve import Found, Hits, speaks
from gate.core.policy.compiled_rules import DECLARATION_LAYER, FIRST_LIST, GATE_LAYER, CompiledRules
from gate.core.values import dataclass

_PLAIN_FILE = "100644"
_ODD_MODES = frozenset({MODE_SUBMODULE, MODE_SYMLINK})


@dataclass(slots=True)
class TouchedPart:
    """One touched component: the touched files that brought it in, and all paths of this change that belong to it.

    `is_asked` is false for the components of an optional section; `required` is the count that the section asks for.
    """

    component: Component
    files: list[str]
    required: int | None = None
    is_asked: bool = True
    is_declared: bool = False
    _paths: set[str] | None = None

    @property
    def paths(self) -> Collection[str]:
        """Return the paths of the change and of its earlier contents that belong to the component."""
        return self.files if self._paths is None else self._paths

    def paths_to_fill(self) -> set[str]:
        """Return the same, to add to them what brings nobody in."""
        if self._paths is None:
            self._paths = set(self.files)
        return self._paths


@dataclass(slots=True)
class Touched:
    """What a change touches. Lists of files are sorted, each once; `paths` sets hold earlier ones too.

    `parts` and their `components`, asked or only informed, are in the order of section and name. `blocked` holds the
    ownership lines that cannot be used, with the paths that they match; `odd` the links and submodules; `undeclarable`
    the declared names that no component has; `left_behind` the components that only an earlier content touched.
    `matched_by_way` holds for each list of patterns the paths that meet it only by what they lead to or look like,
    `astray` those that meet it themselves and lead to, or look like, what does not.
    """

    parts: Sequence[TouchedPart] = ()
    unowned: list[str] = field(default_factory=list)
    unowned_paths: set[str] = field(default_factory=set)
    blocked: dict[str, tuple[Rule, list[str]]] = field(default_factory=dict)
    gate_files: list[str] = field(default_factory=list)
    gate_paths: set[str] = field(default_factory=set)
    matched: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    matched_paths: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    matched_by_way: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    astray: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    odd: Sequence[ChangedFile] = ()
    undeclarable: list[str] = field(default_factory=list)
    left_behind: list[Component] = field(default_factory=list)
    components: Sequence[Component] = ()

    @property
    def concerned(self) -> Sequence[Component | None]:
        """Return what conditions on components are asked of: the touched ones, and None for files that nobody owns.

        SECURITY: such files are a component without properties, so that they never pass unasked beside others.
        """
        return [*self.components, None] if self.unowned else self.components


def survey(facts: Facts, paths: Sequence[str], compiled: CompiledRules) -> Touched:
    """Return what the files and the declaration of a change touch; `paths` are those of its files.

    A link touches its target's owners as well, a submodule is looked up as file and as folder, and a path that looks
    like an owned one also asks those whose path it looks like; conditions on paths see all three. A declaration adds
    components and removes none.
    """
    work = _Survey(facts.ownership, compiled)
    work.add(facts.files, paths)
    work.touched.odd = odd_files(facts.files)
    for file in work.touched.odd:
        work.add_odd(file)
    for look_alike in facts.look_alikes:
        work.add_also(look_alike.path, look_alike.looks_like)
    work.put_in_order()
    for content in facts.earlier_contents:
        work.add_earlier([file.path for file in content.files])
    work.declare(facts.declaration.affects)
    parts = work.parts
    work.touched.parts = [parts[number] for number in sorted(parts, key=compiled.index.places.__getitem__)]
    work.touched.components = [part.component for part in work.touched.parts]
    return work.touched


class _Survey:
    """The survey as it grows."""

    def __init__(self, ownership: Ownership, compiled: CompiledRules) -> None:
        """Begin with nothing touched."""
        self.ownership = ownership
        self.compiled = compiled
        self.touched = Touched(
            matched={patterns: [] for patterns in compiled.path_lists},
            matched_paths={patterns: set() for patterns in compiled.path_lists},
            matched_by_way={patterns: set() for patterns in compiled.path_lists},
            astray={patterns: set() for patterns in compiled.path_lists},
        )
        self.parts: dict[int, TouchedPart] = {}
        self._mixed: dict[int, TouchedPart] = {}

    def add(self, files: Sequence[ChangedFile], paths: Sequence[str]) -> None:
        """Add the files of the change, at these paths. Declarations that it brings along are the author's own."""
        touched, parts = self.touched, self.parts
        for meaning, names in self.compiled.index.by_owner(paths).items():
            # SECURITY: a line that cannot be used blocks, whatever component it names.
            for rule in meaning.blocking:
                self._block(rule, names)
            for component, section in meaning.owners:
                if (part := parts.get(component)) is None:
                    parts[component] = self._new_part(component, section, names.copy())
                else:
                    part.files += names
                    self._mixed[component] = part
            needing = self._hit_by_change(meaning.hits, names, files) if meaning.is_hit else names
            if not meaning.is_owned:
                touched.unowned += needing
                touched.unowned_paths.update(needing)

    def put_in_order(self) -> None:
        """Sort what several groups of paths were added to, or links and look-alikes; each path is listed once."""
        touched = self.touched
        for files in (touched.unowned, touched.gate_files, *touched.matched.values()):
            files.sort()
        for _, files in touched.blocked.values():
            # A link and what it leads to may be matched by the same line.
            files[:] = sorted(set(files))
        may_be_doubled = len(self.ownership.sections) > 1
        for part in self.parts.values() if self.compiled.index.has_exclusions else self._mixed.values():
            # Lines of two sections that name one component may both have brought a file in.
            part.files = sorted(set(part.files) if may_be_doubled else part.files)

    def _hit_by_change(self, hits: Hits, names: list[str], files: Sequence[ChangedFile]) -> list[str]:
        """Note what some files of the change met, and return those that need an owner."""
        touched = self.touched
        if hits[DECLARATION_LAYER] >= 0:
            brought = {file.path for file in files if _is_brought_along(file)}
            names = [name for name in names if name not in brought]
        if hits[GATE_LAYER] >= 0:
            touched.gate_files += names
            touched.gate_paths.update(names)
        self._hit(hits, names, is_present=True)
        return names

    def _hit(self, hits: Hits, names: Sequence[str], *, is_present: bool) -> None:
        """Note which lists of patterns some paths met."""
        for patterns, hit in zip(self.compiled.path_lists, hits[FIRST_LIST:], strict=True):
            if hit >= 0:
                self.touched.matched_paths[patterns].update(names)
                if is_present:
                    self.touched.matched[patterns] += names

    def add_odd(self, file: ChangedFile) -> None:
        """Bring in who owns the inside of a submodule, or what a link leads to: a file, or a folder with all in it."""
        if MODE_SUBMODULE in {file.mode, file.base_mode}:
            self.add_also(file.path, file.path, as_folder=True)
        if file.mode == MODE_SYMLINK and file.link_target:
            self.add_also(file.path, file.link_target, as_folder=True)
            # SECURITY: where it leads to a file, a later line that only a folder meets must not take its owner's place.
            for found in self.compiled.index.resolve(file.link_target):
                self._own(found, [file.path])

    def add_also(self, path: str, other: str, *, as_folder: bool = False) -> None:
        """Bring in the owners of another path on account of a touched one, the gate's own files included."""
        resolution, hits = self.compiled.index.look_up(other, as_folder=as_folder)
        for found in resolution:
            self._own(found, [path])
        if hits[GATE_LAYER] >= 0 and path not in self.touched.gate_paths:
            self.touched.gate_files.append(path)
            self.touched.gate_paths.add(path)
        for patterns, hit in zip(self.compiled.path_lists, hits[FIRST_LIST:], strict=True):
            is_met = path in self.touched.matched_paths[patterns]
            if is_met != (hit >= 0):
                (self.touched.astray if is_met else self.touched.matched_by_way)[patterns].add(path)

    def add_earlier(self, paths: Sequence[str]) -> None:
        """Add paths that only an earlier content touched: they belong to its scope and bring nobody in."""
        touched = self.touched
        for positions, resolution, hits in self.compiled.index.group(paths):
            names = [paths[position] for position in positions]
            for found in resolution:
                self._add_earlier(found, names)
            if not any(found.section in self.compiled.index.answering and speaks(found) for found in resolution):
                touched.unowned_paths.update(names)
            if hits[GATE_LAYER] >= 0:
                touched.gate_paths.update(names)
            self._hit(hits, names, is_present=False)

    def declare(self, names: Iterable[str]) -> None:
        """Add the components that the author declares, in each section that has one of that name."""
        for name in names:
            found = [(n, component) for n, component in enumerate(self.ownership.components) if component.name == name]
            for number, component in found:
                self._declare(self.parts.setdefault(number, TouchedPart(component, [])))
            if not found:
                self.touched.undeclarable.append(name)

    def _declare(self, part: TouchedPart) -> None:
        """Ask for a declared component, as many people as its section does, even where the section is optional."""
        part.is_declared = part.is_asked = True
        counts = [s.required for s in self.ownership.sections if s.name == part.component.section and s.required]
        part.required = max(counts, default=part.required)

    def _own(self, found: Found, names: list[str]) -> None:
        if found.rule is not None and found.problem is not None:
            self._block(found.rule, names)
        elif found.component is not None:
            part = self.parts.get(found.component)
            if part is None:
                part = self.parts[found.component] = self._new_part(found.component, found.section, [])
            self._mixed[found.component] = part
            paths = part.paths_to_fill()
            part.files += [name for name in names if name not in paths]
            paths.update(names)

    def _block(self, rule: Rule, names: list[str]) -> None:
        self.touched.blocked.setdefault(rule.source, (rule, []))[1].extend(names)

    def _new_part(self, component: int, section: int, files: list[str]) -> TouchedPart:
        """Return the part of a component that a line of a section names."""
        written_in = self.ownership.sections[section]
        return TouchedPart(self.ownership.components[component], files, written_in.required, not written_in.is_optional)

    def _add_earlier(self, found: Found, names: Sequence[str]) -> None:
        if found.component is None:
            return
        part = self.parts.get(found.component)
        component = self.ownership.components[found.component]
        if part is not None:
            part.paths_to_fill().update(names)
        elif component not in self.touched.left_behind:
            self.touched.left_behind.append(component)


def places_led_to(files: Sequence[ChangedFile], look_alikes: Iterable[LookAlike]) -> list[str]:
    """Return the other paths whose owners are asked: where links lead, insides of submodules, what names look like."""
    odd = odd_files(files)
    modules = [file.path for file in odd if MODE_SUBMODULE in {file.mode, file.base_mode}]
    targets = [file.link_target for file in odd if file.mode == MODE_SYMLINK and file.link_target]
    return [*modules, *targets, *(look_alike.looks_like for look_alike in look_alikes)]


def odd_files(files: Sequence[ChangedFile]) -> Sequence[ChangedFile]:
    """Return the files that are or were links or submodules."""
    modes = {file.mode for file in files}
    modes.update([file.base_mode for file in files])
    if modes.isdisjoint(_ODD_MODES):
        return ()
    return [file for file in files if file.mode in _ODD_MODES or file.base_mode in _ODD_MODES]


def _is_brought_along(file: ChangedFile) -> bool:
    return file.status == "added" and file.mode == _PLAIN_FILE
