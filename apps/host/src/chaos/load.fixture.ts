import type { Talk } from "./doors.fixture.ts";
import type { Chances } from "./random.fixture.ts";
import type { World } from "./world.fixture.ts";

type Texts = (name: string, group: string, chances: Chances) => string;

/** What people say: how often of 1,000 messages, and the text. All others are plain, with different texts. */
export type Mix = readonly (readonly [perMille: number, text: Texts])[];

const slow = (perMille: number, longestMs: number): Mix[number] => [
  perMille,
  (_, __, chances) => `/slow ${chances.below(longestMs)}`,
];

type Mixes = {
  readonly plain: Mix;
  /** Some turns take up to so long, ms. */
  readonly slow: (perMille: number, longestMs: number) => Mix;
  /** Some messages are requests that need approval, slow turns, or turns that fail. */
  readonly requests: Mix;
};

export const mixes: Mixes = {
  plain: [],
  slow: (...rare) => [slow(...rare)],
  requests: [
    [10, (name, group) => `/ncl groups restart ${group} --message "restarted for ${name}"`],
    [20, (name, group) => `/ncl groups config update ${group} --model ${name}`],
    // A turn that fails ends every message of its batch.
    [4, (name) => `/fail because of ${name}`],
    slow(26, 100),
  ],
};

/** The message of this number in a conversation. */
export const textOf = (mix: Mix, { group, person }: Talk, index: number, chances: Chances): string => {
  const name = `${person.replace(/^\w+:/, "")}-${group}-${index}`;
  let chance = chances.below(1000);
  for (const [perMille, text] of mix) {
    if (chance < perMille) return text(name, group, chances);
    chance -= perMille;
  }
  return `${name} says something`;
};

/** Answers each new card once: in most cases by the owner in the chat that shows it, else by the operator. */
export const cardAnswerer = ({ talks, people, ask }: World, chances: Chances): (() => void) => {
  const seen = new Set<string>();
  const owners = talks.filter(({ person }) => person === people[0]);
  return () => {
    for (const talk of owners)
      for (const card of talk.cards.splice(0)) {
        if (seen.has(card.id)) continue;
        seen.add(card.id);
        const verdict = chances.below(4) > 0 ? "approve" : "reject";
        if (chances.below(4) > 0) talk.answer(card, verdict);
        // If the host was killed, the person answers instead.
        else
          void ask(`approvals-${verdict}`, { id: card.id }).then(
            (frame) => frame === null && talk.answer(card, verdict),
          );
      }
  };
};
