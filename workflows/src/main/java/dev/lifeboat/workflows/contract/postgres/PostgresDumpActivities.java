package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.Dump;
import io.temporal.activity.ActivityInterface;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Dumping databases, next to the data directory. */
@ActivityInterface(namePrefix = "PostgresDump")
public interface PostgresDumpActivities {

    /**
     * Is the server up, can these programs dump it, and which of its databases are to be dumped.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure CLUSTER_NOT_READY with what to change
     */
    FoundDatabases findDatabases(DumpQuery query);

    /**
     * Streams one database into the bucket and writes its manifest last: no manifest, no dump. Clears first what a killed
     * attempt left. A second call of the same run returns the dump that the first one finished.
     */
    TakenDump dumpDatabase(DumpOrder order);

    /**
     * Reads the stored objects back, lists the archive's table of contents with {@code pg_restore}, and compares the dump
     * with what its database held and with its own earlier ones.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure BACKUP_DAMAGED when what is stored is not what was written
     */
    StepOutcome verifyDump(DumpRef dump);

    /** @param database the only one to dump; null for all that the configuration names, or else all there are */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DumpQuery(String cluster, @Nullable String database) {}

    record FoundDatabases(List<String> databases, StepOutcome outcome) implements Outcome<FoundDatabases> {
        @Override
        public FoundDatabases withOutcome(StepOutcome noted) {
            return new FoundDatabases(databases, noted);
        }
    }

    record DumpOrder(String cluster, Fence fence, String database) {}

    record DumpRef(String cluster, Fence fence, String dumpId) {}

    record TakenDump(Dump dump, StepOutcome outcome) implements Outcome<TakenDump> {
        @Override
        public TakenDump withOutcome(StepOutcome noted) {
            return new TakenDump(dump, noted);
        }
    }
}
