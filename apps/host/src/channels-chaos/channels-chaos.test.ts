// @module-tag soak
import { test } from "vitest";
import { channelsChaos } from "./channels-chaos.fixture.ts";

const { what, options, run } = channelsChaos({ chats: 8, messages: 2_000, kills: 50, hosts: 1 });

test(what, options, () => run(null));
