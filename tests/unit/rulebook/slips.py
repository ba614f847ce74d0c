"""Slips that people make in the rules, with what is said of each."""

W = "watch:\n  - {name: Okta, role: vendor}\n"

# `§` marks where each fault is shown; it is taken out before the text is read.
SLIPS = {
    "unknown key": (
        "watch:\n  - name: Okta\n    role: vendor\n    §alias: [A]\n",
        ["unknown key `alias`, did you mean `aliases`?"],
    ),
    "unknown key below": (
        "watch:\n  - {name: Okta, role: vendor, exposure: {§spnd: x}}\n",
        ["unknown key `spnd`, did you mean `spend`?"],
    ),
    "python's own spelling of a key": (
        "watch:\n  - {name: Okta, role: vendor, §not_: [x]}\n",
        ["unknown key `not_`, did you mean `not`?"],
    ),
    "unknown section": (
        "§wach: []\nwatch:\n  - {name: Okta, role: vendor}\n",
        ["unknown section `wach`, did you mean `watch`?"],
    ),
    "missing key": ("watch:\n  - §name: Okta\n", ["`role` is missing"]),
    "number for text": (
        "watch:\n  - {name: §360, role: vendor}\n",
        ["`name` must be text, not a number; put it in quotes"],
    ),
    "truth for text": (
        "watch:\n  - {name: Okta, role: vendor, aliases: [§true]}\n",
        ["an entry of `aliases` must be text, not true or false; put it in quotes"],
    ),
    "empty text": ("watch:\n  - {name: §'', role: vendor}\n", ["`name` must not be empty"]),
    "name without a letter": (
        "watch:\n  - {name: §'@@@', role: vendor}\n",
        ["`name` must have a letter or a digit in it: without one no text is found to name it"],
    ),
    "alias without a letter": (
        "watch:\n  - {name: Okta, role: vendor, aliases: [O, §'--']}\n",
        ["an entry of `aliases` must have a letter or a digit in it: without one no text is found to name it"],
    ),
    "control character": (
        'watch:\n  - {name: §"a\\0b", role: vendor}\n',
        ["`name` holds a control character or a line break; take it out"],
    ),
    "long name": (
        f"watch:\n  - {{name: §{'x' * 201}, role: vendor}}\n",
        ["`name` must be at most 200 characters long"],
    ),
    "text for mapping": ("watch:\n  - §Okta\n", ["this must be a mapping, like {key: value}, not text"]),
    "mapping for list": ("§watch: {name: Okta}\n", ["`watch` must be a list: begin each entry with `- `"]),
    "list for mapping": (W + "§events: [x]\n", ["`events` must be a mapping: write `name:` before each entry"]),
    "bad date": (
        "watch:\n  - {name: Okta, role: vendor, exposure: {renews: §soon}}\n",
        ["`renews` must be a date, like 2026-03-31"],
    ),
    "bad number": (
        "watch:\n  - {name: Okta, role: vendor, exposure: {notice_days: §-1}}\n",
        ["`notice_days` must be at least 0"],
    ),
    "us twice in one file": (
        W + "us: {name: A}\n§us: {name: B}\n",
        ["the key `us` stands here twice, first on line 3; keep one"],
    ),
    "near miss of a role": (
        "watch:\n  - {name: Okta, role: §Vender}\n",
        ["unknown role `Vender`, did you mean `vendor`? (a role of your own must look less like it)"],
    ),
    "query of a source that has none": (
        W + "feeds:\n  - {source: rss, query: §Okta}\n",
        ["the source `rss` takes no query, but a `url`; there is google_news"],
    ),
    "query without a source": (
        W + "feeds:\n  - {query: §auto}\n",
        ["the source `rss` takes no query, but a `url`; there is google_news"],
    ),
    "query and url": (
        W + "feeds:\n  - {source: google_news, url: https://x.example/, query: §Okta}\n",
        ["`url` and `query` are both given; keep one"],
    ),
    "neither query nor url": (W + "feeds:\n  - §{source: google_news}\n", ["`query` or `url` is missing"]),
    "feed without a url": (W + "feeds:\n  - §{name: News}\n", ["`url` is missing"]),
    "search for each watch about one": (
        W + "feeds:\n  - §{source: google_news, query: auto, about: Okta}\n",
        ["`query: auto` makes a search for each watch; leave `about` out"],
    ),
    "query twice": (
        W + "feeds:\n  - {source: google_news, query: auto}\n  - §{source: google_news, query: Auto}\n",
        ["this feed is given twice, first at 0.yaml:4:5; keep one"],
    ),
    "watch twice": (
        W + "  - §{name: okta, role: rival}\n",
        ["the watch `okta` is given twice, first at 0.yaml:2:5; keep one, or rename one"],
    ),
    "unknown event": (
        W + "rules:\n  - {name: a, severity: high, when: {event: §outge}}\n",
        ["unknown event kind `outge`, did you mean `outage`?"],
    ),
    "unknown role in a rule": (
        W + "rules:\n  - {name: a, severity: high, when: {target: {role: §vendr}}}\n",
        ["unknown role `vendr`, did you mean `vendor`?"],
    ),
    "unknown watch in a rule": (
        W + "rules:\n  - {name: a, severity: high, when: {watch: §Okto}}\n",
        ["unknown watch `Okto`, did you mean `Okta`?"],
    ),
    "role for a name": (
        W + "rules:\n  - {name: a, severity: high, when: {actor: §vendor}}\n",
        ["`vendor` is a role, not a company; write {role: vendor}"],
    ),
    "unknown condition": (
        W + "rules:\n  - {name: a, severity: high, when: {§evnt: outage}}\n",
        ["unknown condition `evnt`, did you mean `event`?"],
    ),
    "unknown key in a party": (
        W + "rules:\n  - {name: a, severity: high, when: {actor: {§rle: vendor}}}\n",
        ["unknown key `rle`, did you mean `role`?"],
    ),
    "party of nobody": (
        W + "rules:\n  - {name: a, severity: high, when: {actor: §{}}}\n",
        ["an entry of `actor` needs a `role` or a `name`"],
    ),
    "unknown word": (
        W + "rules:\n  - {name: a, severity: high, when: {certainty: [§rumor]}}\n",
        ["an entry of `certainty` must be rumour, reported, confirmed or denied, not `rumor`, did you mean `rumour`?"],
    ),
    "no words": (W + "rules:\n  - {name: a, severity: high, when: {event: §[]}}\n", ["`event` must not be empty"]),
    "keyword of nothing": (
        W + "rules:\n  - {name: a, severity: high, when: {keyword: §'!'}}\n",
        ["a keyword needs a letter or a digit"],
    ),
    "unknown feed": (W + "rules:\n  - {name: a, severity: high, when: {feed: §nope}}\n", ["no feed is called `nope`"]),
    "stake in nothing": (
        W + "rules:\n  - {name: a, severity: high, when: {exposure: §{}}}\n",
        ["`exposure` needs `data`, `spend` or `owner`"],
    ),
    "no conditions": (
        W + "rules:\n  - {name: a, severity: high, when: §{}}\n",
        ["this must be conditions, like {event: outage, target: {role: vendor}}"],
    ),
    "any of a mapping": (
        W + "rules:\n  - {name: a, severity: high, when: {§any: {event: outage}}}\n",
        ["`any` must be a list of conditions, like [{event: outage}, {keyword: strike}]"],
    ),
    "deep in the tree": (
        W + "rules:\n  - {name: a, severity: high, when: {any: [{not: {all: [{event: §outag}]}}]}}\n",
        ["unknown event kind `outag`, did you mean `outage`?"],
    ),
    "no when": (W + "rules:\n  - §{name: a, severity: low}\n", ["`when` is missing"]),
    "no severity": (
        W + "rules:\n  - §{name: a, when: {event: outage}}\n",
        ["a rule needs `severity: ...` or `suppress: true`"],
    ),
    "severity and suppress": (
        W + "rules:\n  - {name: a, severity: low, suppress: §true, when: {event: outage}}\n",
        ["a rule that silences has no severity; keep one of the two"],
    ),
    "raise downwards": (
        W + "rules:\n  - {name: a, severity: high, when: {event: outage}, raise: {to: §low, when: {trust: primary}}}\n",
        ["`raise` goes from high to low, which is not higher"],
    ),
    "raise of silence": (
        W + "rules:\n  - {name: a, suppress: true, when: {event: outage}, §raise: {to: low, when: {trust: primary}}}\n",
        ["there is no severity to raise; give the rule a `severity`"],
    ),
    "slip within raise": (
        W + "rules:\n  - {name: a, severity: high, when: {event: outage},"
        " raise: {to: critical, when: {§trst: primary}}}\n",
        ["unknown condition `trst`, did you mean `trust`?"],
    ),
    "severity of no word": (
        W + "rules:\n  - {name: a, severity: §hihg, when: {event: outage}}\n",
        ["`severity` must be low, medium, high or critical, not `hihg`, did you mean `high`?"],
    ),
    "severity of a list": (
        W + "rules:\n  - {name: a, §severity: [high], when: {event: outage}}\n",
        ["`severity` must be low, medium, high or critical, not a list"],
    ),
    "file as a feed": (
        W + "feeds: [§'file:///etc/passwd']\n",
        ["`url` must be an address on the web that starts with https:// or http://"],
    ),
    "feed without host": (
        W + "feeds: [§'https:///x']\n",
        ["`url` is not an address: it needs a host, and has no spaces"],
    ),
    "feed with a bad port": (
        W + "feeds: [§'https://h:x/']\n",
        ["`url` is not an address: it needs a host, and has no spaces"],
    ),
    "unknown source": (
        W + "feeds: [{source: §rs, url: 'https://x.example/'}]\n",
        ["unknown source `rs`, did you mean `rss`?"],
    ),
    "a source like no other": (
        W + "feeds: [{source: §pigeon, url: 'https://x.example/'}]\n",
        ["unknown source `pigeon`; there is google_news and rss"],
    ),
    "feed about nobody": (
        W + "feeds: [{url: 'https://x.example/', about: §Okto}]\n",
        ["unknown watch `Okto`, did you mean `Okta`?"],
    ),
    "span without unit": (
        W + "feeds: [{url: 'https://x.example/', every: §5}]\n",
        ["`every` must be a span of time, like 90s, 2m, 1h30m or 1d; say which unit, like 5s or 5m"],
    ),
    "span of nothing": (
        W + "feeds: [{url: 'https://x.example/', every: §0s}]\n",
        ["`every` must be longer than nothing"],
    ),
    "feed twice": (
        W + "feeds: ['https://x.example/', §'https://x.example/']\n",
        ["this feed is given twice, first at 0.yaml:3:9; keep one"],
    ),
    "unknown notifier": (
        W + "receivers:\n  a: {§slak: {channel: x}}\n",
        ["unknown kind of receiver `slak`, did you mean `slack`?"],
    ),
    "a notifier like no other": (
        W + "receivers:\n  a: {§pigeon: {}}\n",
        ["unknown kind of receiver `pigeon`; there is console and slack"],
    ),
    "slip in its settings": (
        W + "receivers:\n  a: {§slack: {§chanel: x}}\n",
        ["`channel` is missing", "unknown key `chanel`, did you mean `channel`?"],
    ),
    "receiver of two kinds": (
        W + "receivers:\n  §a: {slack: {channel: x}, console: {}}\n",
        ['a receiver is one of console or slack with its settings, like {slack: {channel: "#x"}}'],
    ),
    "receiver with an odd name": (
        W + "receivers:\n  §'a:b': {console: {}}\n",
        ["`a:b` can't be a receiver's name; use letters, digits, `-`, `_` and `.`"],
    ),
    "unknown receiver": (
        W + "receivers:\n  slackers: {console: {}}\nroutes:\n  - {to: §slacker}\n",
        ["unknown receiver `slacker`, did you mean `slackers`?"],
    ),
    "route to nobody": (
        W + "routes:\n  - {severity: [§hgh], to: §[]}\n",
        [
            "an entry of `severity` must be low, medium, high or critical, not `hgh`, did you mean `high`?",
            "`to` must not be empty",
        ],
    ),
    "new kind without a description": (W + "events:\n  §strike: {examples: [x]}\n", ["`about` is missing"]),
    "kind with an odd name": (
        W + "events:\n  §Big News: {about: x}\n",
        ["`Big News` can't be an event kind; name it in small letters, like customer_loss"],
    ),
    "tab": ("watch:\n§\t- name: x\n", ["this is not YAML: a tab; indent with spaces"]),
    "open bracket": (
        "watch: [1, 2\nfeeds§: 3\n",
        ["this is not YAML: expected ',' or ']', but got ':', in what is opened on line 1, column 8"],
    ),
    "two colons": ("a: b§: c\n", ["this is not YAML: a `:` that can't stand here; put the text in quotes"]),
    "at sign": ("a: §@kim\n", ["this is not YAML: text can't start with `@`; put it in quotes"]),
    "star": ("a: §*x\n", ["this is not YAML: undefined alias 'x'; text that starts with `*` needs quotes"]),
    "backslash": (
        'a: "\\§q"\n',
        ["this is not YAML: unknown escape character 'q'; use single quotes for text with backslashes"],
    ),
    "open quote": ("a: §'x\n", ["this is not YAML: a quote is opened and never closed"]),
    "indentation": ("a:\n  b: 1\n §c: 2\n", ["this is not YAML: the indentation doesn't fit what begins on line 1"]),
    "two documents": (
        "a: 1\n§---\nb: 2\n",
        ["this is not YAML: a second document (`---`); put it into a file of its own"],
    ),
    "bell": ("a: 1\nb: §\x07\n", ["the control character U+0007 is not text; take it out"]),
    "other version": (
        "§%YAML 3.0\n---\na: 1\n",
        ["this is not YAML: found incompatible YAML document (version 1.* is required)"],
    ),
    "plain text": (
        "§hello",
        ["the file must be made of sections, like `watch:` and `rules:`, each at the start of a line"],
    ),
    "object": (
        W + "§us: §!!python/object/apply:os.system [ls]\n",
        [
            "this must be a mapping, like {key: value}, not a list",
            "the tag `!!python/object/apply:os.system` is not allowed here: rules are plain data; take it out",
        ],
    ),
    "tag on a word": (
        W + "us: {§name: §!x y}\n",
        ["`name` must be text, not empty", "the tag `!x` is not allowed here: rules are plain data; take it out"],
    ),
    "merge key": (
        W + "us: {§<<: {name: x}, name: A}\n",
        ["merge keys (`<<`) are not part of YAML 1.2; write the keys out"],
    ),
    "key of a list": (
        W + "us: {? §[a] : b, name: A}\n",
        ["a key must be a word or a phrase, not a list or a mapping; quote text that starts with [ or {"],
    ),
    "alias within itself": (
        W + "us: §§&a {name: A, aliases: [*a]}\n",
        [
            "an entry of `aliases` must be text, not empty",
            "this alias stands inside what it names; write the value out",
        ],
    ),
    "too deep": ("[" * 40 + "§" + "[" * 60, ["this is not YAML: more than 40 levels of nesting"]),
    "no watch": (
        "watch:\n",
        ["no company is watched; write `watch:` with at least `- {name: ..., role: vendor}` under it"],
    ),
}
