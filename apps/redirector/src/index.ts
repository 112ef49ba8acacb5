// SPDX-License-Identifier: Apache-2.0
export { loadSettings } from './config/load-settings.ts';
export type { SettingsSource } from './config/load-settings.ts';
export type { ListenAddress, ServerLimits, Settings } from './config/settings.ts';
export { RedirectorError } from './redirector-error.ts';
export type { RedirectorErrorCode } from './redirector-error.ts';
export type { AnswerListener, HttpProbe } from './server/http-probe.ts';
export { startRedirector } from './server/start-redirector.ts';
export type { RedirectorPorts, RunningRedirector } from './server/start-redirector.ts';
