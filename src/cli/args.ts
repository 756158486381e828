/** Options of the commands: parsed, checked, and explained. */
import { parseArgs } from 'node:util';

/** Wrong use of a command: exit code 2. */
export class UsageError extends Error {}

export interface OptionSpec {
  /** Shown in the help after the name, such as "FILE"; absent for switches. */
  value?: string;
  /** May be given more than once. */
  multiple?: boolean;
  /** The value may be left out. */
  optional?: boolean;
  help: string;
}

export type OptionSpecs = Record<string, OptionSpec>;

/** What was given: values in order; an empty string for a switch or a left-out value. */
export class Options {
  readonly #given: Map<string, string[]>;

  constructor(given: Map<string, string[]>) {
    this.#given = given;
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  all(name: string): string[] {
    return this.#given.get(name) ?? [];
  }

  text(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /** @throws UsageError unless it is a number from `min` to `max`. */
  number(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new UsageError(`--${name} expects a number from ${min} to ${max} but received "${text}"`);
  }
}

/** @throws UsageError for unknown options, missing values and stray words. */
export function parseOptions(args: string[], specs: OptionSpecs): Options {
  const entries = Object.entries(specs).map(([name, spec]) => {
    const type = spec.value && !spec.optional ? ('string' as const) : ('boolean' as const);
    return [name, { type, multiple: true }] as const;
  });
  const options = Object.fromEntries(entries);
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string[]>();
  let optional: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional' && optional !== undefined) {
      given.set(optional, [token.value]);
    } else if (token.kind === 'positional') {
      throw new UsageError(`"${token.value}" is not expected here; options begin with "--"`);
    }
    optional = undefined;
    if (token.kind !== 'option') continue;
    takeOption(token, specs, given);
    if (specs[token.name]?.optional && token.value === undefined) optional = token.name;
  }
  return new Options(given);
}

function takeOption(
  token: { name: string; rawName: string; value: string | undefined },
  specs: OptionSpecs,
  given: Map<string, string[]>,
): void {
  const spec = specs[token.name];
  if (!spec)
    throw new UsageError(
      unknown(
        'option',
        token.rawName,
        Object.keys(specs).map((name) => `--${name}`),
      ),
    );
  const { value } = token;
  const missing = value === undefined || (value.startsWith('--') && value in prefixed(specs));
  if (spec.value && !spec.optional && missing)
    throw new UsageError(`--${token.name} expects ${spec.value} after it`);
  if (!spec.value && value !== undefined) throw new UsageError(`--${token.name} takes no value`);
  const before = given.get(token.name) ?? [];
  if (before.length > 0 && spec.value && !spec.multiple)
    throw new UsageError(`--${token.name} is given twice`);
  given.set(token.name, [...before, value ?? '']);
}

function prefixed(specs: OptionSpecs): Record<string, true> {
  return Object.fromEntries(Object.keys(specs).map((name) => [`--${name}`, true]));
}

/** A message about an unknown word with the nearest known one. */
export function unknown(what: string, word: string, known: string[]): string {
  const near = nearest(word, known);
  return `unknown ${what} "${word}"${near ? `; did you mean "${near}"?` : `; known: ${known.join(', ')}`}`;
}

/** The known word with the fewest edits from `word`, if they are few. */
export function nearest(word: string, known: string[]): string | undefined {
  const ranked = known.map((name) => ({ name, edits: editDistance(word, name) }));
  ranked.sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best && best.edits <= Math.max(2, word.length / 3) ? best.name : undefined;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Lines for the help text. */
export function describeOptions(specs: OptionSpecs): string {
  const rows = Object.entries(specs).map(([name, spec]) => {
    const value = spec.value ? (spec.optional ? ` [${spec.value}]` : ` ${spec.value}`) : '';
    return { left: `--${name}${value}`, help: spec.help };
  });
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, help }) => `  ${left.padEnd(width)}  ${help}`).join('\n');
}
