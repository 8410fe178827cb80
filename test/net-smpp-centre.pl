# A message centre of Net::SMPP, which shares no line with Parley. One JSON object a line: says on standard output where it
# listens, who has bound, what was submitted and how deliveries were answered; delivers what it is told to on standard input.
use strict;
use warnings;
use Encode qw(decode encode);
use IO::Select;
use JSON::PP;
use Net::SMPP;

$| = 1;
sub say_json { print encode_json($_[0]), "\n" }

# Its constructor takes no port 0 for "any": asked of the system by a socket of our own.
my $any = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die;
my $port = $any->sockport;
close $any;
my $listener = Net::SMPP->new_listen('127.0.0.1', smpp_version => 0x34, port => $port) or die "cannot listen: $!";
say_json({ port => $port });

my ($session, %deliveries, $submitted);
my $select = IO::Select->new($listener, \*STDIN);

my %on = (
    0x09 => sub {
        my $pdu = shift;
        $session->bind_transceiver_resp(system_id => 'netsmpp', seq => $pdu->{seq});
        say_json({ bound => $pdu->{system_id} });
    },
    0x04 => sub {
        my $pdu = shift;
        my $octets = $pdu->{short_message};
        my @part;
        if ($pdu->{esm_class} & 0x40) {
            my $header = substr $octets, 0, 1 + ord $octets, '';
            @part = unpack 'x3 C3', $header;
        }
        my $text = decode($pdu->{data_coding} == 8 ? 'UTF-16BE' : 'gsm0338', $octets);
        my $id = 'n' . ++$submitted;
        $session->submit_sm_resp(message_id => $id, seq => $pdu->{seq});
        say_json({ submitted => { from => $pdu->{source_addr}, to => $pdu->{destination_addr}, text => $text,
            part => \@part, messageId => $id } });
    },
    0x15 => sub { $session->enquire_link_resp(seq => $_[0]{seq}) },
    0x06 => sub { $session->unbind_resp(seq => $_[0]{seq}) },
    0x80000005 => sub { say_json({ answered => delete $deliveries{ $_[0]{seq} }, status => $_[0]{status} }) },
);

sub deliver {
    my $told = decode_json(shift);
    my $octets = eval { encode('gsm0338', $told->{text}, Encode::FB_CROAK | Encode::LEAVE_SRC) };
    my @text = defined $octets ? ($octets, 0) : (encode('UTF-16BE', $told->{text}), 8);
    my $seq = $session->deliver_sm(source_addr_ton => 1, source_addr_npi => 1, source_addr => $told->{from},
        destination_addr => $told->{to}, short_message => $text[0], data_coding => $text[1], async => 1);
    $deliveries{$seq} = $told->{delivery};
}

while (1) {
    for my $ready ($select->can_read) {
        if ($ready == $listener) {
            $session = $listener->accept;
            $session->set_version(0x34);
            $select->add($session);
        } elsif ($ready == \*STDIN) {
            my $read = sysread STDIN, my $line, 65536;
            exit unless $read;
            deliver($_) for split /\n/, $line;
        } else {
            local $SIG{__WARN__} = sub { print STDERR @_ unless $_[0] =~ /premature eof/ }; # a node that leaves
            my $pdu = $ready->read_pdu;
            if ($pdu) { ($on{ $pdu->{cmd} } // sub { })->($pdu) }
            else { $select->remove($ready); close $ready }
        }
    }
}
