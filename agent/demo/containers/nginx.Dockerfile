# Ends mTLS, and says over the servers' sockets which certificate it verified. Its configuration is written by `prepare`.
FROM nginx:1.28-bookworm
ENTRYPOINT ["nginx"]
CMD ["-c", "/stack/nginx/nginx.conf", "-e", "/dev/stderr"]
