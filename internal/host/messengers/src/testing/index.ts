export { telegramStandin, type SeenMessage, type TelegramStandin } from "./telegram-standin.ts";
