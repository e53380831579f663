package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The page in the bucket, followed word for word. Worker and Temporal take no part. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ByHandIT {

    private final World world = World.start();
    private final Path folder = Folders.temporary("by-hand");

    @AfterAll
    void end() {
        world.close();
        Folders.remove(folder);
    }

    @Test
    void theCommandsOfThePageBringTheClusterBackToItsTarget() throws IOException {
        List<String> missing = ByHand.missing("zstd", "tar", "jq", "sha256sum");
        if (!missing.isEmpty()) {
            System.out.println(
                    "ByHandIT: the page's commands did not run, since " + missing + " are not installed here");
            return;
        }
        Instant target = world.goodMoment();
        world.load().close();
        ByHand.awaitArchived(world);
        world.lab().worker().terminate();

        Programs.Result ran = new ByHand(world, folder).recover(target, Path.of("/nowhere/backup.key"));

        assertThat(ran.exitCode()).as(ran.output() + ran.errors()).isZero();
        assertThat(ran.output()).contains("recovery stopping before commit of transaction");
        assertThat(ran.output() + ran.errors()).doesNotContain("FATAL", "PANIC", "FAILED", "rror:", "No such file");
        world.assertRowsAt(target);
    }
}
