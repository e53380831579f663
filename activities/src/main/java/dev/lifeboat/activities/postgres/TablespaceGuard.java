package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.WalReader.TablespaceCreated;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A recovery to the end of WAL also replays what was written after its plan was made. Here a tablespace that was made
 * meanwhile is found before the copy's server gets to it: it would make it at its original place.
 */
final class TablespaceGuard {

    private final NeededWal path;
    private final WalSupply source;

    TablespaceGuard(NeededWal path, WalSupply source) {
        this.path = path;
        this.source = source;
    }

    /** @throws RecoveryFailure TABLESPACE_CREATED */
    void check(String name, Path file) throws IOException {
        if (!(path.plan().target() instanceof RecoveryTarget.Latest) || !WalSegmentSize.isSegmentName(name)) {
            return;
        }
        WalSegment segment = path.size().parse(name);
        // What lies before was known to the plan.
        if (segment.number() < path.last()) {
            return;
        }
        List<TablespaceCreated> found = new ArrayList<>();
        WalReader reader = new WalReader(path.size(), new WalReader.Listener() {
            @Override
            public void tablespaceCreated(TablespaceCreated created) {
                found.add(created);
            }
        });
        if (!read(reader, segment, file)) {
            Path before = file.resolveSibling(file.getFileName() + ".before");
            WalSegment earlier = path.size().parse(path.nameOf(segment.number() - 1));
            if (source.fetch(path.size().nameOf(earlier), before)) {
                read(reader, earlier, before);
                read(reader, segment, file);
            }
            Files.deleteIfExists(before);
        }
        found.stream()
                .filter(each -> each.end().isAfter(path.plan().backup().startLsn()))
                .findFirst()
                .ifPresent(each -> refuse(name, each));
    }

    /** @return false when a record that ends in the segment begins in the one before, which was not read */
    private static boolean read(WalReader reader, WalSegment segment, Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            return !reader.read(segment, bytes).headUnseen();
        }
    }

    private static void refuse(String name, TablespaceCreated created) {
        throw new RecoveryFailure(
                FailureCode.TABLESPACE_CREATED,
                "cannot replay %s: since the plan was made, a tablespace was made in %s (at %s), and replaying that would write to this very folder, where the live cluster keeps its files"
                        .formatted(name, created.location(), created.start()),
                "abort, then recover to '--target-lsn %s --exclusive', or take a base backup first and start again"
                        .formatted(created.start()));
    }
}
