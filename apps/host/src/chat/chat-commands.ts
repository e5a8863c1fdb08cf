/** Commands that no agent works on, and whether words may follow them. The host or the agent's runner answers them. */
const orders: Readonly<Record<string, boolean>> = {
  "/stop": false,
  "/clear": false,
  "/new": false,
  "/cost": false,
  "/withdraw": false,
  "/tasks": false,
  "/model": true,
};

/** True if a line is such a command, by the rule of the host: with other words it is a text for the agent. */
export const isOrder = (line: string): boolean => {
  const [first = "", ...words] = line.trim().toLowerCase().split(/\s+/);
  return Object.hasOwn(orders, first) && (words.length === 0 || orders[first] === true);
};

const lines: readonly (readonly [typed: string, does: string])[] = [
  ["/attach FILE", "send a file with the next message"],
  ["approve CODE", "allow what a card asks, once; the code is below the card"],
  ["always CODE", "allow exactly that in this group, now and from now on"],
  ["always CODE 1", "the same for the rule of that number on the card"],
  ["reject CODE", "refuse; what you write after it is for the agent"],
  ["answer CODE ...", "answer an agent's question, by number or in your words"],
  ["/stop", "end what the agent does now"],
  ["/clear or /new", "end it, and begin a new conversation"],
  ["/compact", "sum up the conversation, so that later turns send less"],
  ["/cost", "what this conversation used, and what is left today"],
  ["/withdraw", "take back your newest message that no agent has begun"],
  ["/tasks", "what the agent does for this chat at set times"],
  ["/model", "show the agent's model; /model NAME sets it here"],
  ["/model default", "back to the model of the group"],
  ["/exit", "leave the conversation; the agent keeps working"],
];

/** The text of `/help`, in rows of less than 80 cells. */
export const help = (keys: readonly string[]): string =>
  [...keys, ...lines.map(([typed, does]) => `${typed.padEnd(17)} ${does}`)].join("\n");
