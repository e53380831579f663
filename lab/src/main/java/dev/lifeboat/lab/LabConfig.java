package dev.lifeboat.lab;

import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.lab.engine.TemporalEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The lab's {@code lifeboat.yaml}, with its secrets in files beside it.
 *
 * @param store     the address at which the worker reaches the store
 * @param encrypted whether backups are, with a key that is made for this lab
 */
record LabConfig(
        Path folder, LabPostgres postgres, S3Engine s3, String store, TemporalEngine temporal, boolean encrypted) {

    static Path file(Path folder) {
        return folder.resolve("lifeboat.yaml");
    }

    Path file() {
        return file(folder);
    }

    /** The private key of a lab whose backups are encrypted. */
    static Path key(Path folder) {
        return folder.resolve("secrets/backup.key");
    }

    /** @param more lines at the top level */
    void write(String more) {
        try {
            Path secrets = Files.createDirectories(folder.resolve("secrets"));
            Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rwx------"));
            Files.writeString(secrets.resolve("s3-access-key"), s3.accessKey() + "\n");
            Files.writeString(secrets.resolve("s3-secret-key"), s3.secretKey() + "\n");
            if (encrypted && !Files.exists(key(folder))) {
                PrivateKey.generate(secrets.resolve("backup"));
            }
            Files.writeString(file(), text() + more);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String text() {
        return """
                platform: lab
                temporal:
                  address: %s
                  namespace: default
                  sticky-workflows: %s
                bucket:
                  url: s3://%s/
                  endpoint: %s
                  region: %s
                  access-key: file:secrets/s3-access-key
                  secret-key: file:secrets/s3-secret-key
                %spostgres:
                  %s:
                    data-directory: %s
                    bin-directory: %s
                %s    host: 127.0.0.1
                    port: %d
                    user: %s
                    password: file:%s
                    database: %s
                    databases: [%s]
                    marker-interval: PT2S
                    objectives: { rto: PT10M, rpo: PT5M }
                    smoke-tests:
                      - { name: orders are there, sql: "select count(*) from orders", at-least: 1 }
                      - { name: no order without a price, sql: "select count(*) from orders where amount_cents = 0", equals: "0" }
                """
                .formatted(
                        temporal.address(),
                        temporal.isReal(),
                        Lab.BUCKET,
                        store,
                        S3Engine.REGION,
                        encryption(),
                        Lab.CLUSTER,
                        postgres.dataDirectory(),
                        postgres.binDirectory(),
                        optional(),
                        postgres.port(),
                        postgres.user(),
                        postgres.passwordFile(),
                        postgres.database(),
                        postgres.database());
    }

    private String encryption() {
        return encrypted
                ? "  encryption: { recipients: [secrets/backup.pub], identity: \"file:secrets/backup.key\" }\n"
                : "";
    }

    private String optional() {
        StringBuilder lines = new StringBuilder();
        Path configFile = postgres.config().configFile();
        if (configFile != null) {
            lines.append("    config-file: ").append(configFile).append('\n');
        }
        String runAs = postgres.config().runAs();
        if (runAs != null) {
            lines.append("    run-as: ").append(runAs).append('\n');
        }
        return lines.toString();
    }
}
