import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type Delivery = Schemas["DeliveryOut"];
export type Try = Schemas["TryOut"];
export type Notice = Schemas["NoticeOut"];
export type Notices = Schemas["NoticesOut"];
export type Channels = Schemas["ChannelsOut"];
export type Telling = Schemas["TellingOut"];
export type MajorClass = Schemas["MajorClassOut"];
export type State = Delivery["state"];
export type Reason = Readonly<Record<string, string | null>>;

export const STATES: readonly State[] = ["waiting", "sending", "sent", "delivered", "dead", "dropped"];
