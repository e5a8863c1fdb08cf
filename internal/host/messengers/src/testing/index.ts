export { discordIds, discordStandin, type DiscordFault, type DiscordStandin } from "./discord-standin.ts";
export { slackStandin, type SlackStandin } from "./slack-standin.ts";
export { telegramStandin, type Fault, type SeenMessage, type TelegramStandin } from "./telegram-standin.ts";
