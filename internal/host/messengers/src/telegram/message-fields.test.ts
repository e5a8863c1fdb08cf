import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { messageFields, updateFields } from "./message-fields.ts";
import { readUpdate } from "./read-update.ts";

const reader = { botId: "42", username: "gate_bot" };
const chat = { id: 7, type: "private", first_name: "Ana" };
const from = { id: 7, is_bot: false, first_name: "Ana" };
const read = (said: object) =>
  readUpdate(
    JSON.stringify({ update_id: 1, message: { message_id: 5, date: 0, chat, from, ...said } }),
    reader,
  );
const shop = { id: -1009, type: "channel", title: "Shop" };

describe("a message of each kind is said in words", () => {
  test.for([
    [{ story: { chat: shop, id: 1 } }, "[a story of Shop, which bots cannot read]"],
    [{ game: { title: "Chess", description: "for two", photo: [] } }, "[a game: Chess: for two]"],
    [
      {
        checklist: {
          title: "Shopping",
          tasks: [
            { id: 1, text: "milk", completion_date: 1 },
            { id: 2, text: "tea" },
          ],
        },
      },
      "[a checklist: Shopping\n- 1. milk (done)\n- 2. tea]",
    ],
    [
      {
        checklist_tasks_done: {
          checklist_message: { checklist: { title: "S" } },
          marked_as_done_task_ids: [2],
        },
      },
      "[tasks of the checklist S were marked:\n- 2. done]",
    ],
    [
      { checklist_tasks_added: { tasks: [{ id: 3, text: "jam" }] } },
      "[tasks were added to the checklist :\n- 3. jam]",
    ],
    [
      { giveaway: { chats: [shop], winner_count: 3, winners_selection_date: 1, prize_description: "a cup" } },
      "[a giveaway of Shop with 3 winners: a cup]",
    ],
    [
      { giveaway_winners: { chat: shop, winners: [from], winner_count: 1, giveaway_message_id: 1 } },
      "[the winners of a giveaway of Shop: Ana]",
    ],
    [{ giveaway_completed: { winner_count: 2 } }, "[a giveaway has ended with 2 winners]"],
    [
      {
        paid_media: { star_count: 5, paid_media: [{ type: "photo", photo: [] }, { type: "preview" }] },
        caption: "see",
      },
      "see\n[paid media, 5 stars: photo, preview]",
    ],
    [
      { web_app_data: { data: '{"a":1}', button_text: "Form" } },
      '[data of the web app behind "Form": {"a":1}]',
    ],
    [
      {
        poll: {
          question: "When?",
          options: [
            { text: "Now", voter_count: 2 },
            { text: "Later", voter_count: 0 },
          ],
        },
      },
      "[a poll: When?\n- Now (2)\n- Later]",
    ],
    [
      {
        venue: { title: "Cafe", address: "1 Road", location: { latitude: 1.5, longitude: 2 } },
        location: { latitude: 1.5, longitude: 2 },
      },
      "[a place: Cafe, 1 Road, 1.5, 2]",
    ],
    [{ location: { latitude: 1.5, longitude: 2 } }, "[a place: 1.5, 2]"],
    [{ location: { latitude: 1.5, longitude: 2, live_period: 60 } }, "[a live place: 1.5, 2]"],
    [
      { contact: { first_name: "Bo", last_name: "Lee", phone_number: "+1", user_id: 8 } },
      "[a contact: Bo Lee, +1, telegram:8]",
    ],
    [{ dice: { emoji: "🎲", value: 4 } }, "[🎲 4]"],
    [{ sticker: { emoji: "😀", set_name: "Cats" } }, "[a sticker 😀 of the set Cats]"],
    [{ users_shared: { users: [{ user_id: 8, first_name: "Bo" }] } }, "[shared people: Bo telegram:8]"],
    [{ chat_shared: { chat_id: -5, title: "Team" } }, "[a shared chat: Team telegram:-5]"],
    [
      { invoice: { title: "Tea", description: "green", currency: "EUR", total_amount: 250 } },
      "[an invoice: Tea: green, 250 EUR in its smallest units]",
    ],
    [{ gift: { gift: {}, text: "for you" } }, "[a gift: for you]"],
    [{ unique_gift: { gift: { name: "Hat-1" } } }, "[a unique gift: Hat-1]"],
    [{ passport_data: {} }, "[Telegram Passport data, which is not read]"],
    [
      {
        rich_message: {
          blocks: [
            { type: "heading", text: ["Plan ", { type: "bold", text: "B" }] },
            { type: "list", items: [{ label: "1.", blocks: [{ type: "paragraph", text: "go" }] }] },
            { type: "table", cells: [[{ text: "a" }, { text: "b" }], [{ text: "c" }]] },
            { type: "divider" },
          ],
        },
      },
      "Plan B\n1. go\na b\nc\n",
    ],
    [{ teleport: { to: "x" } }, "[a message of a kind that cannot be shown here: teleport]"],
    [{}, "[a message of a kind that cannot be shown here]"],
  ] as const)("%j", ([said, text]) => {
    expect(read(said)).toMatchObject({ type: "message", message: { text } });
  });

  test("a reply to a task of a checklist and to an option of a poll says which one", () => {
    const poll = { question: "?", options: [{ persistent_id: "o2", text: "Later", voter_count: 0 }] };
    expect(
      read({ text: "why?", reply_to_message: { message_id: 1, from, poll }, reply_to_poll_option_id: "o2" }),
    ).toMatchObject({ message: { text: "why?\n[it is about the option Later of the poll]" } });
    expect(read({ text: "when?", reply_to_checklist_task_id: 2 })).toMatchObject({
      message: { text: "when?\n[it is about task 2 of the checklist]" },
    });
  });

  test.for(Object.entries(messageFields).flatMap(([name, fate]) => (fate === "of-chat" ? [name] : [])))(
    "%s is about the chat, and for nobody",
    (name) => {
      expect(read({ [name]: {} })).toEqual({ type: "none" });
    },
  );
});

test("the README has a table of all fields, and what becomes of each", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const namesOf = (fields: Readonly<Record<string, unknown>>, fate: string): string =>
    Object.keys(fields)
      .filter((name) => (typeof fields[name] === "function" ? "words" : fields[name]) === fate)
      .toSorted()
      .map((name) => `\`${name}\``)
      .join(", ");
  const named = (fate: string): string => namesOf(messageFields, fate);
  const updates = (fate: string): string => namesOf(updateFields, fate);
  const rows = [
    ["read: who, where, the text, and what it refers to", named("read")],
    ["a file, which the agent gets", named("file")],
    ["said in words, in brackets", named("words")],
    ["changes nothing for the agent", named("aside")],
    ["about the chat itself: for nobody", named("of-chat")],
    ["an update that the bot asks for", updates("read")],
    ["an update that Telegram does not send, because nobody asks for it", updates("not-asked-for")],
  ].map(([what, fields]) => `- **${what}**: ${fields}.`);
  expect(readme).toContain(rows.join("\n"));
});
