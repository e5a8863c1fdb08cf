export { telegramStandin, type Fault, type SeenMessage, type TelegramStandin } from "./telegram-standin.ts";
