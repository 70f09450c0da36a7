/**
 * What is said of people: sentences made of what the clinic's server sends. Pure.
 *
 * @typedef {object} Person
 * @property {string} who
 * @property {string} name
 * @property {string} role
 * @property {string} standing `waiting` or `admitted`.
 * @property {number | null} place
 * @property {boolean} is_connected
 * @property {boolean} is_heard
 * @property {boolean} is_private
 * @property {boolean} is_me
 * @property {number} here_s
 *
 * @typedef {{ id: number, is_over: boolean, elsewhere: string, people: Person[] }} Row
 * @typedef {{ rows: Row[], is_true: boolean }} Today
 * @typedef {Record<string, string>} Words The section `live` of words/*.toml.
 */

/**
 * Puts values in a sentence's places.
 *
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * Where somebody stands, for how long, and whether they come through.
 *
 * @param {Person | undefined} person
 * @param {number} age_s Since the server said so.
 * @param {Words} words
 */
export function stateOf(person, age_s, words) {
  if (!person) return words.absent ?? "";
  const minutes = Math.floor((person.here_s + age_s) / 60);
  const waiting = minutes < 1 ? words.arrived : words.waiting;
  const parts = [fill((person.standing === "waiting" ? waiting : words.inside) ?? "", { minutes })];
  if (!person.is_connected) parts.push(words.cut ?? "");
  else if (!person.is_heard) parts.push(words.unheard ?? "");
  if (person.is_private) parts.push(words.apart ?? "");
  return parts.join(" · ");
}

/**
 * Where the patient of an appointment is.
 *
 * @param {Row} row
 * @param {string} patient Their pseudonym.
 * @param {number} age_s As above.
 * @param {Words} words
 */
export function stateOfRow(row, patient, age_s, words) {
  if (row.is_over) return words.over ?? "";
  const person = row.people.find(({ who }) => who === patient);
  if (!person && row.elsewhere) return fill(words.elsewhere ?? "", { where: row.elsewhere });
  return stateOf(person, age_s, words);
}

/**
 * Who is in a room or waits, but its patient.
 *
 * @param {Row} row
 * @param {string} patient
 * @param {Words} words
 */
export function othersIn(row, patient, words) {
  const names = row.people.filter(({ who }) => who !== patient).map(({ name }) => name);
  return names.length ? fill(words.here ?? "", { names: names.join(", ") }) : "";
}

/**
 * Who has begun to wait since the list was looked at last.
 *
 * @param {Set<string>} before Those who waited, by pseudonym; those who wait now afterwards.
 * @param {Person[]} people
 * @returns {Person[]}
 */
export function newlyWaiting(before, people) {
  const waiting = people.filter(({ standing }) => standing === "waiting");
  const found = waiting.filter(({ who }) => !before.has(who));
  before.clear();
  for (const { who } of waiting) before.add(who);
  return found;
}
