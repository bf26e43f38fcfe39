/** What is known by this name, made when it is not; of more than `limit` the first made is the first forgotten. */
export function remember<T>(
  known: Map<string, T>,
  name: string,
  limit: number,
  make: (name: string) => T
): T {
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = make(name);
  if (known.size >= limit) known.delete(known.keys().next().value ?? '');
  known.set(name, made);
  return made;
}
