package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings the archive of a dump out of the bucket, and says whether it is what its manifest describes. The very same look is
 * taken at an archive that was damaged on purpose.
 */
final class VerificationArchive {

    static final String CHECK = "archive is whole";

    private final DumpManifest manifest;
    private final Watch watch;

    VerificationArchive(DumpManifest manifest, Watch watch) {
        this.manifest = manifest;
        this.watch = watch;
    }

    /** @param spooled null when the check is red */
    record Fetched(Check check, DumpSpool.@Nullable Spooled spooled) {

        Optional<DumpSpool.Spooled> found() {
            return Optional.ofNullable(spooled);
        }
    }

    /** @param access how the bucket is seen */
    Fetched fetch(ClusterAccess access, DumpSpool spool) throws IOException, InterruptedException {
        DumpManifest.Stored archive = manifest.archive();
        String wanted = "%d bytes with SHA-256 %s".formatted(archive.storedBytes(), shortened(archive.sha256()));
        try {
            DumpSpool.Spooled spooled = spool.fetch(
                    new DumpSource.InBucket(
                            access.data(),
                            archive.key(),
                            access.store().addressOf(archive.key()),
                            archive.sha256(),
                            archive.storedBytes()),
                    watch);
            if (spooled.size() != archive.bytes()) {
                return new Fetched(
                        Check.of(
                                CHECK,
                                archive.bytes() + " bytes when unpacked",
                                spooled.size() + " bytes when unpacked",
                                false),
                        null);
            }
            return new Fetched(Check.of(CHECK, wanted, wanted, true), spooled);
        } catch (RecoveryFailure e) {
            if (!isAnswer(e)) {
                throw e;
            }
            return new Fetched(Check.of(CHECK, wanted, String.valueOf(e.getMessage()), false), null);
        }
    }

    /** Whether it says something of what is stored. Anything else is about the world around it, and is tried again. */
    static boolean isAnswer(RecoveryFailure failure) {
        return failure.code().kind() == FailureCode.Kind.SAFETY_STOP
                || failure.code() == FailureCode.DUMP_UNUSABLE
                || failure.code() == FailureCode.OBJECT_MISSING;
    }

    private static String shortened(String sha256) {
        return sha256.substring(0, Math.min(12, sha256.length())) + "…";
    }
}
