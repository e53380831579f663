# Lifeboat's worker and tool, on a host that has PostgreSQL 15 and its programs.
FROM eclipse-temurin:17.0.15_6-jdk-noble AS build
WORKDIR /source
COPY . .
RUN ./mvnw -q -B -DskipTests -DskipITs -pl worker-app,starter-cli -am package \
    && for program in worker-app starter-cli; do \
         mkdir -p "/opt/lifeboat/$program" \
         && cp "$program"/target/lifeboat-*.jar "$program"/target/lib/*.jar "/opt/lifeboat/$program/"; \
       done \
    && cp -r runbooks /opt/lifeboat/

FROM postgres:15.18-bookworm
RUN apt-get update -q \
    && apt-get install -q -y --no-install-recommends openjdk-17-jre-headless zstd curl \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/lifeboat /opt/lifeboat
COPY --chmod=755 docker/lifeboat.sh /usr/local/bin/lifeboat
COPY --chmod=755 docker/database-host.sh /usr/local/bin/database-host
# The base image's entry point would make a cluster where it finds none, also in the middle of a recovery.
ENTRYPOINT []
CMD ["lifeboat", "--help"]
