import { bindings, isParameter, parameterTypes } from './parameters.ts';

/** What a statement is allowed and obliged to bind besides the parameters of every board. */
export interface SqlDuty {
  /** Names of text parameters taken from the address of a drill-down. */
  readonly extra?: readonly string[];
  /** The statement reads what all sites share, so the choice of sites does not apply. */
  readonly shared?: boolean;
}

/**
 * What is wrong with a board's SQL, as sentences; empty when it may be run. It must be one SELECT, bind its window and
 * the reader's scope, and hold nothing that is pasted in.
 */
export function sqlComplaints(sql: string, duty: SqlDuty = {}): string[] {
  const complaints: string[] = [];
  const code = withoutTextAndComments(sql);
  if (!/^\s*(?:SELECT|WITH)\b/i.test(code)) complaints.push('must start with SELECT or WITH');
  if (code.includes(';')) complaints.push('must be one statement: remove the ";"');
  if (/\$\{|<%|\{\{/.test(sql)) complaints.push('must not be pasted together: bind values as {name:Type}');
  if (/\bSELECT\s+(?:\w+\.)?\*/i.test(code))
    complaints.push('must name its columns: "SELECT *" changes with the table');
  if (/\b(?:vault|system|url|file|remote|s3)\s*[.(]/i.test(code))
    complaints.push('reads outside the databases audit and ops');
  if (/\b(?:SETTINGS|FORMAT|INTO\s+OUTFILE)\b/i.test(code))
    complaints.push('must leave SETTINGS, FORMAT and INTO OUTFILE to the console');
  const bound = bindings(sql);
  for (const { name, type } of bound) complaints.push(...bindingComplaints(name, type, duty.extra ?? []));
  const names = new Set(bound.map((one) => one.name));
  const must = duty.shared === true ? ['from', 'to', 'scope'] : ['from', 'to', 'scope', 'sites'];
  for (const name of must)
    if (!names.has(name))
      complaints.push(
        `does not bind {${name}:${parameterTypes[name as 'from']}}: ${
          name === 'from' || name === 'to'
            ? 'every query has a time window'
            : 'every query keeps to what its reader may see'
        }`
      );
  for (const name of duty.extra ?? [])
    if (!names.has(name)) complaints.push(`does not bind {${name}:String}`);
  return complaints;
}

function bindingComplaints(name: string, type: string, extra: readonly string[]): string[] {
  if (extra.includes(name)) return type === 'String' ? [] : [`binds {${name}:${type}}: its type is String`];
  if (!isParameter(name))
    return [`binds {${name}:…}, which no board has (known: ${Object.keys(parameterTypes).join(', ')})`];
  const flat = (text: string) => text.replaceAll(/\s+/g, '');
  return flat(type) === flat(parameterTypes[name])
    ? []
    : [`binds {${name}:${type}}: its type is ${parameterTypes[name]}`];
}

function withoutTextAndComments(sql: string): string {
  return sql.replaceAll(/'(?:[^'\\]|\\.|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
}
