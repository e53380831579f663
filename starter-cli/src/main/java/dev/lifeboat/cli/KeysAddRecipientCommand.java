package dev.lifeboat.cli;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.PublicKey;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "add-recipient",
        description = "Lets one more key decrypt what is in the bucket, beside all that can; writes headers only.")
final class KeysAddRecipientCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(paramLabel = "FILE", description = "The .pub file of the new recipient.")
    private Path file = Path.of("");

    @Option(names = "--yes", description = "Does it; without it, it is only shown.")
    private boolean yes;

    KeysAddRecipientCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        PublicKey key;
        try {
            key = PublicKey.read(tool.surroundings().workingFolder().resolve(file));
        } catch (ConfigException e) {
            throw CliFailure.usage(String.valueOf(e.getMessage()), e.hint());
        }
        int exit = new KeysRewrap(tool, key.base64(), yes, "lifeboat keys add-recipient " + file).run();
        tool.say("for backups from now on add it to bucket.encryption.recipients on every host that backs up");
        return exit;
    }
}
