import { testKitMessages } from "./testing/messages.ts";

testKitMessages();
