import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CERTIFICATE_HEADER, VERIFIED_HEADER } from '../../agent/src/server/http/certificate.ts';
import {
  checkRendered,
  checkServerSettings,
  evaluate,
  evaluated,
  type Facts,
  hostNames,
  joinUnit,
} from './nix.ts';

const known = new Map<string, Facts>();
function facts(host: string): Facts {
  const found = known.get(host);
  if (found !== undefined) return found;
  const { value, stderr, status } = evaluate(`hosts.${host}.facts`);
  assert.is(status, 0, stderr);
  known.set(host, value as Facts);
  return value as Facts;
}
const section = (host: string, check: string) => facts(host).baseline.checks[check] ?? {};
const joined = (host: string, unit: string) => joinUnit(unit, facts(host).units[unit]);

for (const host of hostNames('hosts')) {
  evaluated(`${host}: evaluates, and the agent accepts its settings and baseline`, () => {
    const { rendered, refusals, warnings } = facts(host);
    assert.equal(refusals, []);
    assert.is(warnings.length, host === 'firewalld' ? 1 : 0, warnings.join('\n'));
    const { status, output } = checkRendered(rendered);
    assert.is(status, 0, output);
    assert.match(output, /checks: antivirus, backup, encryption, firewall, logging, patching/);
    const { server } = facts(host);
    if (server !== null) assert.is(checkServerSettings(server).status, 0, server);
  });
}

evaluated('a broken value fails with its field’s name', () => {
  const { settings, baseline } = facts('minimal').rendered;
  const often = JSON.stringify({ ...JSON.parse(settings), poll_interval: 'often' });
  const broken = checkRendered({ settings: often, baseline });
  assert.is(broken.status, 78);
  assert.match(broken.output, /poll_interval: found "often"/);
  const old = baseline.replace('"max_age_days":30', '"max_age_days":-1');
  assert.match(checkRendered({ settings, baseline: old }).output, /checks\.patching\.max_age_days/);
});

evaluated(
  'the minimal host: no secret, no server, no opening of the network, a key of its own',
  () => {
    const agent = joined('minimal', 'compliance-agent.service');
    assert.equal(agent.get('Service.LoadCredential') ?? [], []);
    assert.equal(agent.get('Service.IPAddressDeny'), ['any']);
    assert.equal(agent.get('Service.IPAddressAllow'), ['localhost']);
    assert.equal(agent.get('Service.User'), ['compliance-agent']);
    assert.equal(agent.get('Service.CapabilityBoundingSet'), []);
    const keys = facts('minimal').units['compliance-agent-keys.service'] ?? '';
    assert.match(keys, /ConditionPathExists=!\/var\/lib\/compliance-agent\/signing\.key/);
    assert.match(keys, /Before=compliance-agent\.service/);
  },
);

evaluated('the full host hands its secrets over and speaks with declared addresses only', () => {
  const agent = joined('full', 'compliance-agent.service');
  assert.equal(agent.get('Service.IPAddressDeny'), ['any']);
  assert.equal(agent.get('Service.IPAddressAllow'), [
    ...['localhost', 'localhost', '192.0.2.10', '2001:db8::/64'],
    ...['192.0.2.20', '192.0.2.30', '192.0.2.40'], // webhook, syslog, Prometheus
  ]);
  assert.equal(facts('full').ports, [9464]);
  const names = (agent.get('Service.LoadCredential') ?? []).map((entry) => entry.split(':')[0]);
  assert.equal(names, [
    ...['ca', 'client-cert', 'client-key', 'notice-ca', 'signing-key', 'webhook-secret'],
  ]);
  assert.not('compliance-agent-keys.service' in facts('full').units);
  const settings = JSON.parse(facts('full').rendered.settings);
  assert.is(settings.client_key_file, '/run/credentials/compliance-agent.service/client-key');
  assert.is(settings.maintenance_window, '22:30-01:00');
  assert.is(settings.log_level, 'debug');
});

evaluated('a server without addresses opens the network', () => {
  assert.equal(joined('server', 'compliance-agent.service').get('Service.IPAddressDeny'), []);
});

evaluated('a control server by itself: TLS and SQLite of its own, a copy of the database', () => {
  const server = joined('server', 'compliance-server.service');
  assert.equal(server.get('Service.PrivateNetwork'), ['false']);
  assert.equal(server.get('Service.AmbientCapabilities'), ['CAP_NET_BIND_SERVICE']);
  const names = (server.get('Service.LoadCredential') ?? []).map((entry) => entry.split(':')[0]);
  assert.equal(names, ['cert', 'client-ca', 'key', 'receipt-key']);
  assert.equal(Object.keys(JSON.parse(facts('server').server ?? '')), [
    ...['cert_file', 'client_ca_file', 'database_path', 'key_file'],
    ...['listen_address', 'listen_port', 'receipt_key_file'],
  ]);
  const backup = joined('server', 'compliance-server-backup.service');
  assert.equal(backup.get('Service.User'), ['compliance-server']);
  assert.not('compliance-server-migrate.service' in facts('server').units);
});

evaluated(
  'a control server behind NGINX, on PostgreSQL: no network, no rights of the owner',
  () => {
    const server = joined('server-fleet', 'compliance-server.service');
    assert.equal(server.get('Service.PrivateNetwork'), ['true']);
    assert.equal(server.get('Service.RestrictAddressFamilies'), ['AF_UNIX']);
    assert.equal(server.get('Service.User'), ['compliance-server']);
    assert.equal(server.get('Service.RuntimeDirectoryMode'), ['0750']);
    assert.is(server.get('Service.SystemCallFilter')?.at(-1), '@chown'); // of its socket
    assert.equal(server.get('Service.LoadCredential'), ['receipt-key:/run/secrets/receipt.key']);
    assert.equal(server.get('Unit.Requires'), ['compliance-server-migrate.service']);
    const settings = JSON.parse(facts('server-fleet').server ?? '');
    assert.not('owner' in settings.postgresql);
    assert.is(settings.postgresql.user, 'compliance-server');
    for (const unit of ['migrate', 'backup']) {
      const owner = joined('server-fleet', `compliance-server-${unit}.service`);
      assert.equal(owner.get('Service.User'), ['compliance-evidence'], unit);
    }
    assert.match(
      facts('server-fleet').units['compliance-server-migrate.service'] ?? '',
      / migrate --config \S+ --owner compliance-evidence\n/,
    );
  },
);

evaluated(
  'the password of a database elsewhere is a credential, and in no file of the store',
  () => {
    const server = joined('server-database', 'compliance-server.service');
    const handedOver = server.get('Service.LoadCredential') ?? [];
    assert.ok(handedOver.includes('database-password:/run/secrets/database-password'));
    const { postgresql } = JSON.parse(facts('server-database').server ?? '');
    assert.equal(postgresql, {
      host: 'database.example.org',
      password_file: '/run/credentials/compliance-server.service/database-password',
    });
  },
);

evaluated(
  'NGINX asks for a certificate of the declared authority and says what it verified',
  () => {
    const { nginx, ports } = facts('server-fleet');
    assert.equal(ports, [80, 443]);
    const text = nginx ?? '';
    assert.match(text, /server unix:\/run\/compliance-server\/server\.sock ;/);
    assert.match(text, /ssl_verify_client optional;/);
    const authority = '/run/credentials/nginx.service/compliance-client-ca';
    for (const trusted of ['client', 'trusted']) {
      const files = [...text.matchAll(new RegExp(`ssl_${trusted}_certificate (\\S+);`, 'g'))];
      assert.equal(
        files.map(([, file]) => file),
        [authority],
        trusted,
      );
    }
    assert.ok(text.includes(`proxy_set_header ${VERIFIED_HEADER} $ssl_client_verify;`));
    assert.ok(text.includes(`proxy_set_header ${CERTIFICATE_HEADER} $ssl_client_escaped_cert;`));
  },
);

evaluated('the administrator’s value wins, and what stands beside it stays derived', () => {
  assert.equal(section('full', 'patching'), {
    max_age_days: 14,
    reboot_within_days: 7,
    nixpkgs_date: '2026-10-02',
    nixpkgs_revision: '7c8764b7c7b09b34f632464276218ef9090eaa11',
  });
  assert.not('nixpkgs_date' in section('minimal', 'patching'));
});

evaluated('antivirus: unit, program in the store, its digest left to the build', () => {
  const [daemon] = section('full', 'antivirus')['units'] as Record<string, string>[];
  assert.is(daemon?.['unit'], 'clamav-daemon.service');
  assert.match(daemon?.['executable'] ?? '', /^\/nix\/store\/.*\/bin\/clamd$/);
  assert.is(daemon?.['sha256'], `@sha256:${daemon?.['executable']}@`);
  assert.equal(section('minimal', 'antivirus')['units'], []);
});

evaluated('firewall: by backend, by the names of tables, by the unit’s own script', () => {
  const reference = (host: string) =>
    section(host, 'firewall')['reference'] as { file?: string; script?: string };
  assert.equal(section('no-firewall', 'firewall'), { backend: 'none' });
  assert.equal(section('firewalld', 'firewall'), { backend: 'firewalld' });
  assert.equal(section('minimal', 'firewall')['chains'], ['nixos-fw*']);
  assert.match(reference('minimal').script ?? '', /-compliance-agent-iptables-reference$/);
  assert.equal(section('iptables', 'firewall')['chains'], [
    'nixos-fw*',
    'nixos-nat*',
    'nixos-filter-*',
  ]);
  assert.is.not(reference('iptables').script, reference('minimal').script);
  assert.equal(section('nftables', 'firewall')['tables'], [
    ...['netdev/guard', 'inet/nixos-fw', 'inet/extra', 'ip/short'],
  ]);
  assert.match(reference('nftables').file ?? '', /-compliance-agent-nftables-reference$/);
});

evaluated('backup: each job with its timer, a hook in its unit, a restore test of its own', () => {
  const jobs = section('two-backups', 'backup')['jobs'] as Record<string, unknown>[];
  assert.equal(
    jobs.map(({ job, timer, canary }) => [job, timer, canary]),
    [
      ['images', 'copy-images.timer', null],
      ['restic-backups-database', null, '/var/lib/compliance-agent-canary/database/canary'],
      [
        'restic-backups-home',
        'restic-backups-home.timer',
        '/var/lib/compliance-agent-canary/home/canary',
      ],
    ],
  );
  const { units } = facts('two-backups');
  const home = units['restic-backups-home.service'] ?? '';
  assert.match(home, /ExecStartPre=-\+\S+ backup canary --job restic-backups-home\nExecStartPre=/);
  assert.match(home, /ExecStopPost=-\+\S+ backup record --job restic-backups-home --restic/);
  const tested = units['compliance-agent-restore-test-restic-backups-database.service'] ?? '';
  for (const { restore_test } of jobs as Record<string, { unit?: string }>[])
    assert.ok(restore_test === null || units[restore_test?.unit ?? ''] !== undefined);
  assert.match(tested, /RESTIC_REPOSITORY=\/srv\/backup\/database/);
  assert.match(
    facts('full').units['borgbackup-job-pacs.service'] ?? '',
    /--tool borg --borg \S+\/bin\/borg/,
  );
});

evaluated(
  'encryption: LUKS however it is declared; no boot, network or removable file system',
  () => {
    const { luks, mounts } = section('luks', 'encryption') as Record<
      string,
      Record<string, string>[]
    >;
    assert.equal(
      luks?.map(({ name, device }) => [name, device?.replace('/dev/disk/by-partlabel/', '')]),
      [
        ['archive', 'archive'],
        ['data', 'data'],
        ['root', 'root-header'],
        ['swap', 'swap'],
      ],
    );
    assert.equal(
      mounts?.map(({ target }) => target),
      ['/', '/data'],
    );
    const volumes = joined('luks', 'compliance-agent-probe-volumes@.service');
    assert.is(volumes.get('Service.DeviceAllow')?.length, 4);
    assert.equal(volumes.get('Service.DevicePolicy'), ['closed']);
    const { mounts: full } = section('full', 'encryption') as Record<
      string,
      Record<string, string>[]
    >;
    assert.equal(
      full?.map(({ target }) => target),
      ['/', '/srv/pacs'], // and not /boot
    );
    const swaps = section('full', 'encryption')['swaps'] as Record<string, unknown>[];
    assert.equal(
      swaps.map((swap) => swap['random_key_allowed'] ?? false),
      [false, true],
    );
  },
);

evaluated('logging: journald, its sockets and the shippers that are enabled', () => {
  const units = (host: string) =>
    (section(host, 'logging')['units'] as { unit: string }[]).map(({ unit }) => unit);
  const journald = ['service', 'socket'].map((type) => `systemd-journald.${type}`);
  const own = [...journald, 'systemd-journald-dev-log.socket'];
  assert.equal(units('minimal'), own);
  assert.equal(units('full'), [...own, 'systemd-journal-upload.service', 'vector.service']);
});

evaluated('a remedy survives the switch that it makes', () => {
  const remedy = joined(
    'minimal',
    'compliance-agent-remedy-update_to_baseline_generation@.service',
  );
  assert.is(remedy.get('Unit.X-StopOnRemoval')?.at(-1), 'false');
  assert.is(remedy.get('Service.X-RestartIfChanged')?.at(-1), 'false');
});

evaluated('a remedy that waits for the right time may ask chronyd, and no other may', () => {
  const unit = (id: string) => `compliance-agent-remedy-${id}@.service`;
  const waiting = joined('full', unit('update_to_baseline_generation'));
  assert.ok(waiting.get('Service.IPAddressAllow')?.includes('localhost'));
  assert.match(waiting.get('Service.Environment')?.join(' ') ?? '', /-chrony-/);
  const atOnce = joined('full', unit('restart_av_service'));
  assert.equal(atOnce.get('Service.IPAddressAllow') ?? [], []);
});

evaluated('only a person’s own switch accepts a generation', () => {
  const text = facts('minimal').activation ?? '';
  assert.match(text, /NIXOS_ACTION-}" == switch/);
  assert.match(text, /generation accept "\$systemConfig" --by-switch/);
});

test.run();
