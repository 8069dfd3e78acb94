// Reads messages from stdin, separated by NUL, as conventional-changelog does with the conventionalcommits preset; a line of JSON each.
import { readFileSync } from 'node:fs'
import preset from 'conventional-changelog-conventionalcommits'
import { CommitParser } from 'conventional-commits-parser'

const parser = new CommitParser((await preset()).parser)

function read(message) {
  if (!message.trim()) return { conventional: false } // the parser throws
  const commit = parser.parse(message)
  return {
    conventional: Boolean(commit.type && commit.subject),
    type: commit.type,
    scope: commit.scope,
    description: commit.subject,
    breaking: commit.notes.length > 0,
    references: commit.references.map(r => (r.repository ? `${r.owner ? `${r.owner}/` : ''}${r.repository}` : '') + r.prefix + r.issue),
    reverts: commit.revert?.hash ? [commit.revert.hash] : [],
  }
}

for (const message of readFileSync(0, 'utf8').split('\0')) console.log(JSON.stringify(read(message)))
