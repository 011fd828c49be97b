import { testInterfaceMessages } from "@slipway/ui/testing/messages.ts";

testInterfaceMessages(import.meta.dirname);
