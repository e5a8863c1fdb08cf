import { describe, expect, test } from "vitest";
import { chatDestinationName } from "./chat-destination-name.ts";

const chat = { id: "mg-12345678-9", channel_type: "telegram", name: "Family chat" };

describe("chatDestinationName", () => {
  test.for<{ what: string; name: string | null; taken?: readonly string[]; is: string }>([
    { what: "the chat's name in dashes", name: "Family chat", is: "family-chat" },
    { what: "a name without a dash at either end", name: "  «Family» ", is: "family" },
    { what: "a name without accents", name: "Família São", is: "familia-sao" },
    {
      what: "a name with a number if the name is used",
      name: "Family chat",
      taken: ["family-chat"],
      is: "family-chat-2",
    },
    {
      what: "a name with the first unused number",
      name: "Family chat",
      taken: ["family-chat", "family-chat-2"],
      is: "family-chat-3",
    },
    { what: "the channel and the id of a chat without a name", name: null, is: "telegram-mg-12345" },
    {
      what: "the channel and the id if the name has no ASCII letter or digit",
      name: "Семья",
      is: "telegram-mg-12345",
    },
  ])("returns $what", ({ name, taken = [], is }) => {
    expect(chatDestinationName({ ...chat, name }, (one) => taken.includes(one))).toBe(is);
  });

  test("leaves room for a number within the 64 characters of a name", () => {
    const long = chatDestinationName({ ...chat, name: "x".repeat(200) }, (name) => name.length < 60);
    expect(long).toBe(`${"x".repeat(58)}-2`);
  });
});
