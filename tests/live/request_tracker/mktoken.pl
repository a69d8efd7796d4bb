#!/usr/bin/perl
# mktoken.pl FOLDER LOGIN=NAME…: makes an auth token for each LOGIN and writes it to FOLDER/token.NAME.
# REST2 has no call for that. Wants RT_SITE_CONFIG in the environment.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT;
RT::LoadConfig();
RT::Init();
require RT::AuthToken;

my $folder = shift or die "mktoken.pl FOLDER LOGIN=NAME...\n";
for my $pair (@ARGV) {
    my ($login, $name) = split /=/, $pair, 2;
    my $user = RT::User->new(RT->SystemUser);
    $user->Load($login);
    die "there is no user $login\n" unless $user->id;
    my ($ok, $message, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->id, Description => 'tests');
    die "no token for $login: $message\n" unless $ok;
    open my $file, '>', "$folder/token.$name" or die "$folder/token.$name: $!\n";
    print {$file} $token;
    close $file or die "$folder/token.$name: $!\n";
}
