package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Nothing that must be hidden is found in any place that many people read. */
class SecretsIT {

    @Test
    void noSecretIsInHistoriesLogsEvidenceOrProcessArguments() throws IOException {
        try (World world = World.start();
                TemporalEye eye = new TemporalEye(world.lab());
                ProcessWatch watch = new ProcessWatch()) {
            List<String> canaries =
                    List.of(world.postgres().password(), world.lab().s3().secretKey());
            Instant moment = world.goodMoment();

            world.recover("--target", moment.toString(), "--drill", "--reason", "looking for canaries");

            assertThat(eye.history("pitr-recovery/main/drill")).doesNotContain(canaries);
            assertThat(eye.history("base-backup/main")).doesNotContain(canaries);
            assertThat(world.lab().worker().log()).content().doesNotContain(canaries);
            assertThat(evidence(world))
                    .anyMatch(text -> text.contains("pg_backup_start"))
                    .anyMatch(text -> text.contains("runs as"));
            assertThat(evidence(world)).isNotEmpty().allSatisfy(text -> assertThat(text)
                    .doesNotContain(canaries));
            assertThat(watch.seen()).isNotEmpty().allSatisfy(line -> assertThat(line)
                    .doesNotContain(canaries));
        }
    }

    private static List<String> evidence(World world) {
        try (S3Client client = world.lab().s3().client()) {
            return client
                    .listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET).prefix("evidence/"))
                    .contents()
                    .stream()
                    .map(S3Object::key)
                    .map(key -> client.getObjectAsBytes(
                                    get -> get.bucket(Lab.BUCKET).key(key))
                            .asUtf8String())
                    .toList();
        }
    }

    /** Collects the arguments and nothing else of every process on this machine while it is open. */
    private static final class ProcessWatch implements AutoCloseable {

        private final Set<String> lines = new ConcurrentSkipListSet<>();
        private final AtomicBoolean open = new AtomicBoolean(true);
        private final Thread thread = new Thread(this::watch, "process-watch");

        ProcessWatch() {
            thread.setDaemon(true);
            thread.start();
        }

        List<String> seen() {
            return List.copyOf(lines);
        }

        @Override
        public void close() {
            open.set(false);
            thread.interrupt();
        }

        private void watch() {
            while (open.get()) {
                look();
            }
        }

        private void look() {
            try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
                processes
                        .filter(path -> path.getFileName().toString().matches("\\d+"))
                        .forEach(process -> {
                            try {
                                lines.add(new String(
                                        Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8));
                            } catch (IOException e) {
                                // It has ended meanwhile.
                            }
                        });
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
