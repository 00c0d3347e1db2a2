# Agents on simulated hosts, servers, and the program that plays the scenario. Built from the repository's root:
#   docker compose -f agent/demo/compose.yaml build
FROM node:22-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    cryptsetup-bin g++ iproute2 make nftables openssl python3 restic systemd util-linux \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /repository
COPY . .
# Installs, builds and compiles everything that the services run.
RUN npm --prefix agent run demo:stack -- --help
ENV NODE_ENV=production
ENTRYPOINT ["node", "--enable-source-maps"]
