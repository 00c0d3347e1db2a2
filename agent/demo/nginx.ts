import { CERTIFICATE_HEADER, VERIFIED_HEADER } from '../src/server/http/certificate.ts';

/**
 * NGINX before one or more servers. It ends TLS, refuses certificates that are not of the authority, and says over the
 * servers’ sockets which one it verified, in the place of anything that the client said of itself.
 */
export function nginxConfig({
  folder,
  address = '127.0.0.1',
  port,
  sockets,
  tls,
}: {
  /** For its pid, temporary files and log. */
  folder: string;
  address?: string;
  port: number;
  /** Each server’s `proxy_socket`. */
  sockets: readonly string[];
  /** Files. */
  tls: { readonly ca: string; readonly cert: string; readonly key: string };
}): string {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${folder}/${name};`)
    .join('\n');
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 1024; }
http {
${places}
  access_log off;
  upstream compliance_servers {
${sockets.map((socket) => `    server unix:${socket};`).join('\n')}
    keepalive 64;
  }
  server {
    listen ${address}:${port} ssl;
    ssl_certificate ${tls.cert};
    ssl_certificate_key ${tls.key};
    ssl_client_certificate ${tls.ca};
    ssl_verify_client optional;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:compliance:10m;
    client_max_body_size 2m;
    location / {
      proxy_pass http://compliance_servers;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header ${VERIFIED_HEADER} $ssl_client_verify;
      proxy_set_header ${CERTIFICATE_HEADER} $ssl_client_escaped_cert;
    }
  }
}
`;
}
