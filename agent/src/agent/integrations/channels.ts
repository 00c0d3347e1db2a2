import type { Sink } from '../../effects/integrations/sink.ts';
import { NOTICE_CHANNELS, type NoticeChannel } from '../../wire/notice.ts';
import type { Settings } from '../../wire/settings.ts';

type Made = Pick<
  Settings,
  'rmm_webhook_url' | 'webhook_secret_file' | 'syslog_target' | 'notice_ca_file'
>;

/** The channels that the settings name a receiver for. */
export function channelsOf(settings: Made): NoticeChannel[] {
  const named = { webhook: settings.rmm_webhook_url, syslog: settings.syslog_target };
  return NOTICE_CHANNELS.filter((channel) => named[channel] !== undefined);
}

/** Connects a channel; what it needs is loaded only here. */
export async function openSink(channel: NoticeChannel, settings: Made): Promise<Sink> {
  const { rmm_webhook_url: url, webhook_secret_file: secretFile, syslog_target: target } = settings;
  const caFile = settings.notice_ca_file;
  if (channel === 'webhook' && url !== undefined && secretFile !== undefined) {
    const { createWebhook } = await import('../../effects/integrations/webhook.ts');
    return createWebhook({ url, secretFile, caFile });
  }
  if (target === undefined) throw new Error(`no receiver for ${channel}`);
  const { createSyslog } = await import('../../effects/integrations/syslog.ts');
  return createSyslog({ target, caFile });
}
