#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bus.py INTERFACES.XML: the manual page of the bus interface, in mdoc, from its
comments. One before a method or signal is about it; others are about their interface."""
import re
import sys
import textwrap
from xml.dom import minidom

HEAD = r'''.\" Made from org.sallyport.Firewall1.xml.
.Dd November 28, 2026
.Dt ORG.SALLYPORT.FIREWALL1 5
.Os
.Sh NAME
.Nm org.sallyport.Firewall1
.Nd the Sallyport firewall's interface on the system bus
.Sh SYNOPSIS
Name
.Li org.sallyport.Firewall1 ,
object
.Li /org/sallyport/Firewall1
.Sh DESCRIPTION
What programs call to see and change what
.Xr sallyportd 8
does, and what it calls at agents.
Behind each argument is its type, as in the D-Bus specification; what comes back is
behind the arrow.
'''
TAIL = r'''.Sh EXAMPLES
Is this machine protected?
.Bd -literal -offset indent
$ busctl --json=short call org.sallyport.Firewall1 /org/sallyport/Firewall1 \e
    org.sallyport.Firewall1.Manager GetStatus | jq -r '.data[0].state.data'
.Ed
.Pp
Add a rule:
.Bd -literal -offset indent
# busctl call org.sallyport.Firewall1 /org/sallyport/Firewall1 \e
    org.sallyport.Firewall1.Rules Add 'sa{sv}' 'deny out port 25' 0
.Ed
.Pp
Everybody's rules, in the rule language:
.Bd -literal -offset indent
# busctl --json=short call org.sallyport.Firewall1 /org/sallyport/Firewall1 \e
    org.sallyport.Firewall1.Rules List 'a{sv}' 1 all b true | jq -r '.data[0][].text.data'
.Ed
.Sh SEE ALSO
.Xr busctl 1 ,
.Xr sallyport 1 ,
.Xr sallyport.rules 5 ,
.Xr sallyportd 8
'''


def escape(line):
    line = line.replace('\\', '\\e')
    return '\\&' + line if line[:1] in ('.', "'") else line


def paragraphs(comment):
    """Each as lines; indented ones are a list, which stays as it is written."""
    for text in re.split(r'\n\s*\n', textwrap.dedent(comment.expandtabs()).strip('\n')):
        if text.strip():
            yield [line.rstrip() for line in text.splitlines()]


def prose(lines):
    """A sentence a line."""
    text = ' '.join(line.strip() for line in lines)
    return [escape(line) for line in re.split(r'(?<=[.:!?)]) (?=[A-Z@])', text)] if text else []


def body(comment):
    out = []
    for lines in paragraphs(comment):
        first = next((i for i, line in enumerate(lines) if line.startswith('  ')), len(lines))
        rest = next((i for i in range(first, len(lines)) if not lines[i].startswith('  ')),
                    len(lines))
        out.append('.Pp')
        out += prose(lines[:first])
        if first < rest:
            out += ['.Bd -literal -offset indent']
            out += [escape(line) for line in
                    textwrap.dedent('\n'.join(lines[first:rest])).splitlines()]
            out += ['.Ed']
        out += prose(lines[rest:])
    return out


def arguments(member, direction):
    return ', '.join(f"{arg.getAttribute('name')} {arg.getAttribute('type')}"
                     for arg in member.getElementsByTagName('arg')
                     if arg.getAttribute('direction') == direction)


def title(member):
    if member.tagName == 'signal':
        return f"signal {member.getAttribute('name')}({arguments(member, '')})"
    back = arguments(member, 'out')
    return f"{member.getAttribute('name')}({arguments(member, 'in')})" + (f' → {back}' if back else '')


def member_text(member, comment):
    text = ['.It Li "' + title(member).replace('"', '\\(dq') + '"']
    text += body(comment)[1:] if comment else []
    for inner in member.childNodes:
        if inner.nodeType == inner.COMMENT_NODE:
            text += prose([inner.data.strip()])
    return text


def interface_text(interface):
    """Runs of methods and signals are lists between the paragraphs."""
    runs, comment = [], None

    def add(kind, lines):
        if not runs or runs[-1][0] != kind:
            runs.append((kind, []))
        runs[-1][1].extend(lines)

    for node in interface.childNodes:
        if node.nodeType == node.COMMENT_NODE:
            add('text', body(comment) if comment else [])
            comment = node.data
        elif node.nodeType == node.ELEMENT_NODE and node.tagName in ('method', 'signal'):
            add('list', member_text(node, comment))
            comment = None
    add('text', body(comment) if comment else [])
    out = []
    for kind, lines in runs:
        if lines:
            out += ['.Bl -tag -width Ds', *lines, '.El'] if kind == 'list' else lines
    first = next((line for line in out), '')
    return ['.Ss ' + interface.getAttribute('name')] + (out[1:] if first == '.Pp' else out)


def main():
    document = minidom.parse(sys.argv[1])
    lines = []
    for node in [*document.childNodes, *document.documentElement.childNodes]:
        if node.nodeType == node.COMMENT_NODE and 'SPDX' not in node.data:
            lines += body(node.data)
        elif node.nodeType == node.ELEMENT_NODE and node.tagName == 'interface':
            lines += interface_text(node)
    sys.stdout.reconfigure(encoding='utf-8')
    print(HEAD + '\n'.join(lines) + '\n' + TAIL, end='')


main()
